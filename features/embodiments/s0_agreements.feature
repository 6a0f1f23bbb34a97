Feature: S0 - what is agreed and written before any change
  Operators agree, manufacturers tell admin codes, and the first operator personalizes the card.

  @embodiment-E01 @step-S0
  Rule: Application server and operators agree, and set the key of their sessions
    Scenario: With the agreement of both operators the request is served
      Given the application server has an agreement with the operator of the first network
      And the application server has an agreement with the operator of the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: Without the agreement of the second operator the request is refused
      Given the application server has an agreement with the operator of the first network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the application server has refused the request
      And the application server had no session with the home register of the second network
      And the card authenticates in the first network

    Scenario: Without the agreement of the first operator the request is refused
      Given the application server has an agreement with the operator of the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the application server has refused the request
      And the home register of the second network has provided 0 identities
      And the card authenticates in the first network

    Scenario: An agreement that was made later serves the next request
      Given the application server has an agreement with the operator of the first network
      And a user who subscribes to the first network
      And the device has requested a change to the second network
      And the application server has an agreement with the operator of the second network
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: Who lacks the key that was set gets no session
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And an impostor in the place of the home register of the second network
      When the device requests a change to the second network
      Then the application server had no session with the home register of the second network
      And the card authenticates in the first network

  @embodiment-E02 @step-S0
  Rule: The manufacturer tells the admin code of each card, which no other card has
    Scenario: A card of which the manufacturer has told is served
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the card has reported that it has changed

    Scenario: A card of which the manufacturer has not told is refused until it has
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And the manufacturer has not told the application server of the card yet
      When the device requests a change to the second network
      Then the application server has refused the request
      And the card authenticates in the first network

    Scenario: A card of which the manufacturer tells later is served from then on
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And the manufacturer has not told the application server of the card yet
      And the manufacturer has told the application server of the card
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: The admin code of one card does not open another
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And another user who subscribes to the first network
      And the application server has mixed up the admin codes of the two cards
      When the device requests a change to the second network
      Then the card has reported a wrong admin code

  @embodiment-E03 @step-S0
  Rule: The first operator writes an identity and a key in the card and, with the card identifier, in its home register
    Scenario: Card and home register hold the same identity and key
      Given a user who subscribes to the first network
      Then the home register of the first network knows the card
      And the card authenticates in the first network

    Scenario: Each card gets an identity of its own
      Given a user who subscribes to the first network
      And another user who subscribes to the first network
      Then the card authenticates in the first network
      And the card of the other user authenticates in the first network
      And no two cards were attached with one identity

    Scenario: A card with another key than the home register stores is not accepted
      Given the home register of the first network gives out keys other than those that it stores
      And a user who subscribes to the first network
      Then the home register of the first network knows the card
      But the card does not authenticate in the first network

  @embodiment-E19 @step-S0
  Rule: The application server is independent, or managed by one of the operators
    Scenario: Managed by the first operator it serves who leaves that one
      Given the application server has agreements with the operators of the first and the second network
      And the application server is managed by the operator of the first network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the home register of the first network does not know the card

    Scenario: Managed by the second operator it serves who joins that one
      Given the application server has agreements with the operators of the first and the second network
      And the application server is managed by the operator of the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the operator of the first network was told that the user left

    Scenario: That an operator manages it takes the place of no agreement
      Given the application server is managed by the operator of the second network
      And the application server has an agreement with the operator of the first network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the application server has refused the request
      And the card authenticates in the first network

  @embodiment-E27 @step-S0
  Rule: The home register keeps for each subscriber identity, key and where the device is
    Scenario: The home register of the first network has the device in its network
      Given a user who subscribes to the first network
      Then the home register of the first network knows the card
      And the home register of the first network locates the device in the first network
      But the home register of the second network locates the device nowhere

    Scenario: After a change the home register of the second network has the device
      Given the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the home register of the second network locates the device in the second network
      But the home register of the first network locates the device nowhere

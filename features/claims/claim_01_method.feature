@claim-1
Feature: Claim 1 - the operator of a card changes from afar
  A user of the first network becomes a user of the second. Nobody touches the card.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-1p @step-S0
  Rule: The user is a subscriber of the first network before, and of the second after the method
    Scenario: Before the method the card is a card of the first network
      Then the card authenticates in the first network
      And the home register of the first network knows the card
      But the card does not authenticate in the second network
      And the home register of the second network does not know the card

    Scenario: After the method the card is a card of the second network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the home register of the second network knows the card
      But the card does not authenticate in the first network
      And the home register of the first network does not know the card

  @element-1a @step-S1
  Rule: The application server receives a request that names the second network
    Scenario: The request names the network that the user chose
      When the device requests a change to the second network
      Then the application server has taken a request for the second network

    Scenario: A request for a network without agreement is refused
      When the device requests a change to the third network
      Then the application server has refused the request
      And the card authenticates in the first network

  @element-1b @step-S2
  Rule: The application server opens a secured session with the home register so named, and with no other
    Scenario: The session is with the home register of the second network
      Given the application server has an agreement with the operator of the third network
      When the device requests a change to the second network
      Then the application server had a session with the home register of the second network
      But the application server had no session with the home register of the third network

    Scenario: An impostor in the place of the home register gets no session
      Given an impostor in the place of the home register of the second network
      When the device requests a change to the second network
      Then the application server had no session with the home register of the second network
      And no personalization message has left for the card
      And the card authenticates in the first network

  @element-1c @step-S2
  Rule: Over that session the application server receives a second identity with its key
    Scenario: The home register of the second network provides one identity
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity

    Scenario: Without a free identity nothing changes
      Given the home register of the second network has no free identity
      When the device requests a change to the second network
      Then the home register of the second network has provided 0 identities
      And no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: An identity that is not of the second network is not used
      Given the home register of the second network provides identities of another network
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the change has ended without effect
      And the card authenticates in the first network

  @element-1d @step-S3
  Rule: The application server sends the command, the admin code, the second identity and its key to the device
    Scenario: One personalization message leaves for the card
      When the device requests a change to the second network
      Then 1 personalization message has left for the card
      And the card has reported that it has changed

    Scenario: A message that never reaches the card changes nothing
      Given part 1 of every personalization message is lost
      When the device requests a change to the second network
      Then the change has ended without effect
      And the card authenticates in the first network
      And the home register of the second network holds no identity for an open change

  @element-1e @step-S4
  Rule: With a valid admin code the card replaces its identity and key
    Scenario: The card becomes a card of the second network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the card has reported that it has changed

    Scenario: The first identity and key are gone
      When the device requests a change to the second network
      Then the card does not authenticate in the first network

    Scenario: Only the card that was asked for is replaced
      Given another user who subscribes to the first network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      But the card of the other user authenticates in the first network

  @element-1f @step-S4
  Rule: Without a valid admin code the card keeps what it had
    Scenario: A wrong admin code leaves the user where they were
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the card authenticates in the first network
      But the card does not authenticate in the second network

    Scenario: What was reserved for the refused change is free again
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the change has ended without effect
      And the home register of the second network holds no identity for an open change

    Scenario: With the right admin code the next request succeeds
      Given the application server holds another card's admin code for the card
      And the device has requested a change to the second network
      And the application server holds the admin code of the card again
      When the device requests a change to the second network
      Then the card authenticates in the second network

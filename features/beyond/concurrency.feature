Feature: Beyond - what happens at the same time
  One change at a time for a card, one card at a time for an identity.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And the application server has an agreement with the operator of the third network
    And a user who subscribes to the first network

  @beyond-B06
  Rule: Of requests for one card at the same time exactly one wins
    Scenario: Of two requests at once the first is served, the second refused
      When the device requests a change to the second network and, at once, one to the third network
      Then all parties agree that the card is of the second network
      And the application server has refused 1 request for the card
      And the home register of the third network has provided 0 identities

    Scenario: The same request twice at once makes one change
      When the device requests a change to the second network and, at once, one to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity
      And 1 personalization message has left for the card

    Scenario: Requests one after the other are both served
      Given the device has requested a change to the second network
      When the device requests a change to the third network
      Then all parties agree that the card is of the third network
      And the application server has refused 0 requests for the card

    Scenario: Requests for two cards at once do not hinder one another
      Given another user who subscribes to the first network
      When both devices request a change to the second network at once
      Then all parties agree that the card is of the second network
      And all parties agree that the card of the other user is of the second network

  @beyond-B07
  Rule: No two cards authenticate with one identity at the same time
    Scenario: Two cards that change at once get two identities
      Given another user who subscribes to the first network
      When both devices request a change to the second network at once
      Then the home register of the second network has provided 2 identities
      And no two cards were attached with one identity

    Scenario: An identity that was given up is not used by the card that was to have it
      Given another user who subscribes to the first network
      And every personalization message comes late
      When the device requests a change to the second network
      Then the card authenticates in the first network
      But the card does not authenticate in the second network
      And no two cards were attached with one identity

    Scenario: The identities of who left serve who comes
      Given another user who subscribes to the second network
      And the device of the other user has requested a change to the first network
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And all parties agree that the card of the other user is of the first network
      And no two cards were attached with one identity

Feature: Beyond - who may ask
  A request for a card comes from its own device, or from the operator to whom the user goes.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And the application server has an agreement with the operator of the third network
    And a user who subscribes to the first network

  @beyond-B10
  Rule: A request is taken only from the card's device, or from the agreed operator that is to be joined
    Scenario: The card's own device may ask
      When the device requests a change to the second network
      Then the application server has taken a request for the second network

    Scenario: The operator that is to be joined may ask
      When the user agrees with the customer centre of the third network to change
      Then the application server has taken a request for the third network
      And all parties agree that the card is of the third network

    Scenario: An operator may not ask for another one
      When the customer centre of the second network asks for a change to the third network
      Then the application server has taken no request
      And the home register of the third network has provided 0 identities
      And all parties agree that the card is of the first network

    Scenario: The device of another card may not ask
      Given another user who subscribes to the first network
      And requests of the device of the other user name the card of the user
      When the device of the other user requests a change to the second network
      Then the application server has taken no request
      And all parties agree that the card is of the first network
      And all parties agree that the card of the other user is of the first network

    Scenario: After such attempts the card's own device may still ask
      Given another user who subscribes to the first network
      And requests of the device of the other user name the card of the user
      And the device of the other user has requested a change to the third network
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And all parties agree that the card of the other user is of the first network

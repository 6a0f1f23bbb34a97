@claim-8
Feature: Claim 8 - a network entity interrogates the home register
  The application server need not reach the home register: an entity of that network asks in its place.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-8a @step-S2
  Rule: The secured session can run through an entity that retrieves identity and key from the home register
    Scenario: The entity retrieves the identity
      Given a network entity in front of the home register of the second network
      When the device requests a change to the second network
      Then a network entity has asked the home register of the second network for an identity
      And the home register of the second network has provided 1 identity
      And the card authenticates in the second network

    Scenario: The key passes through the entity without being overheard
      Given a network entity in front of the home register of the second network
      When the device requests a change to the second network
      Then no key and no admin code was overheard
      And the card authenticates in the second network

    Scenario: What concerns the network that is left passes through its entity as well
      Given a network entity in front of the home register of the first network
      When the device requests a change to the second network
      Then the operator of the first network was told that the user left
      And the home register of the first network does not know the card

    Scenario: Without an entity the application server asks by itself
      When the device requests a change to the second network
      Then no network entity has asked the home register of the second network for an identity
      And the home register of the second network has provided 1 identity

    Scenario: The entity cannot give what the home register does not have
      Given a network entity in front of the home register of the second network
      And the home register of the second network has no free identity
      When the device requests a change to the second network
      Then a network entity has asked the home register of the second network for an identity
      And no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: An impostor in the place of the entity gets no session
      Given a network entity in front of the home register of the second network
      And an impostor in the place of the network entity of the second network
      When the device requests a change to the second network
      Then the application server had no session with the home register of the second network
      And no network entity has asked the home register of the second network for an identity
      And the card authenticates in the first network

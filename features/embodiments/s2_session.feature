Feature: S2 - how the second network provides an identity
  The home register gives a free identity, once, over a session that is closed to everybody else.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @embodiment-E09 @step-S2
  Rule: Only the two parties that agreed can open the secured session, read it or change it
    Scenario: What passes inside the session cannot be read
      When the device requests a change to the second network
      Then the application server had a session with the home register of the second network
      And no key and no admin code was overheard
      And the card authenticates in the second network

    Scenario: What was changed on its way is not believed
      Given all that passes between application server and the second network is altered on its way
      When the device requests a change to the second network
      Then the home register of the second network has provided 0 identities
      And no personalization message has left for the card
      And the change has ended without effect
      And the card authenticates in the first network

    Scenario: Somebody else cannot open it
      Given an impostor in the place of the home register of the second network
      When the device requests a change to the second network
      Then the application server had no session with the home register of the second network
      And the card authenticates in the first network

  @embodiment-E10 @step-S2
  Rule: The home register provides a free identity with its key, and never one identity twice
    Scenario: The identity is stored with the key that the card gets
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity
      And the home register of the second network knows the card
      And the card authenticates in the second network

    Scenario: Two cards get two identities
      Given another user who subscribes to the first network
      And the device of the other user has requested a change to the second network
      When the device requests a change to the second network
      Then the home register of the second network has provided 2 identities
      And the card of the other user authenticates in the second network
      And no two cards were attached with one identity

    Scenario: An identity that came back from a change that failed is no other card's at the same time
      Given another user who subscribes to the first network
      And the application server holds another card's admin code for the card
      And the device has requested a change to the second network
      When the device of the other user requests a change to the second network
      Then the card of the other user authenticates in the second network
      But the card does not authenticate in the second network
      And no two cards were attached with one identity

    Scenario: A key that the home register does not store is of no use
      Given the home register of the second network gives out keys other than those that it stores
      When the device requests a change to the second network
      Then the card authenticates in the first network
      But the card does not authenticate in the second network
      And the home register of the second network holds no identity for an open change

  @embodiment-E11 @step-S2
  Rule: A home register without free identity refuses, and the subscriber stays with the first network
    Scenario: A home register with a free identity does not refuse
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity
      And the card authenticates in the second network

    Scenario: A home register without free identity refuses
      Given the home register of the second network has no free identity
      When the device requests a change to the second network
      Then the home register of the second network has provided 0 identities
      And the change has ended without effect
      And the home register of the first network knows the card
      And the card authenticates in the first network

    Scenario: When identities are free again the next request succeeds
      Given the home register of the second network has no free identity
      And the device has requested a change to the second network
      And the home register of the second network has free identities again
      When the device requests a change to the second network
      Then the card authenticates in the second network

  @embodiment-E12 @step-S2
  Rule: The notice of the home register may name the card, which the request names anyway
    Scenario: Where the notice names the card it is the one of the request
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: Where the notice does not name the card the request does
      Given another user who subscribes to the first network
      And the home register of the second network does not say for which card an identity is
      When the device requests a change to the second network
      Then the card authenticates in the second network
      But the card of the other user authenticates in the first network

    Scenario: A notice that names another card is not used
      Given the home register of the second network provides identities for another card
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the change has ended without effect
      And the card authenticates in the first network

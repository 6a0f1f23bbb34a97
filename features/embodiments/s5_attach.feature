Feature: S5 - how the change becomes certain
  The device attaches to the second network; only then the application server and the first operator are told.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @embodiment-E16 @step-S5
  Rule: The device attaches to the second network with the new identity and key
    Scenario: The device attaches by itself
      When the device requests a change to the second network
      Then the device is attached to the second network
      And the home register of the second network locates the device in the second network

    Scenario: Before the change the device is attached to the first network
      Then the device is attached to the first network
      And the card does not authenticate in the second network

    Scenario: With a key that is not the stored one the device does not attach
      Given the home register of the second network gives out keys other than those that it stores
      When the device requests a change to the second network
      Then the device is attached to the first network
      And the change has ended without effect

  @embodiment-E17 @step-S5
  Rule: The second operator informs the application server after the attach, and only then the first operator is informed
    Scenario: The second operator confirms, the first is informed
      When the device requests a change to the second network
      Then the operator of the second network has confirmed that the card attached
      And the operator of the first network was told that the user left

    Scenario: Without an attach nobody is informed
      Given the second network rejects every attach for good
      When the device requests a change to the second network
      Then the card has reported that it has changed
      But the operator of the second network has not confirmed that the card attached
      And the operator of the first network was not told that the user left
      And the home register of the first network knows the card

  @embodiment-E28 @step-S5
  Rule: A network lets a device communicate only if its card identifies and authenticates
    Scenario: A subscriber communicates
      Then the device is attached to the first network
      And an ordinary short message reaches the user

    Scenario: After a change the subscriber communicates through the second network
      When the device requests a change to the second network
      Then the device is attached to the second network
      And an ordinary short message reaches the user

    Scenario: A card whose key is not the stored one gets no service
      Given the home register of the first network gives out keys other than those that it stores
      And another user who subscribes to the first network
      When the device of the other user requests a change to the second network
      Then the device of the other user is attached to no network
      And no personalization message has left for the card of the other user

    Scenario: A network that rejects everybody lets nobody communicate
      Given the first network rejects every attach for good
      And the device was switched off and on again
      Then the device is attached to no network
      And no ordinary short message reaches the user

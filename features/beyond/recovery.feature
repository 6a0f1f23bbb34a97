Feature: Beyond - what brings a subscriber back when a change fails
  Nobody is left without a network: one pair in the card is always known to some home register.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B04
  Rule: An attach that fails for good brings the subscriber back to a working subscription of the first network
    Scenario: A network that rejects every attach does not get the subscriber
      Given the second network rejects every attach for good
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the change has ended without effect
      And the device is attached to the first network
      And all parties agree that the card is of the first network

    Scenario: A card that came back can change when the network accepts it
      Given the second network rejects every attach for good
      And the device has requested a change to the second network
      And the second network accepts its subscribers again
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

    Scenario: A card that came back can change to another network
      Given the application server has an agreement with the operator of the third network
      And the second network rejects every attach for good
      And the device has requested a change to the second network
      When the device requests a change to the third network
      Then all parties agree that the card is of the third network

    Scenario: A card whose new network cannot be heard where its user is comes back
      Given the device is where only the first network can be heard
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the change has ended without effect
      And the device is attached to the first network

    Scenario: A card that was changed by a script of commands on files comes back
      Given personalization messages are scripts of commands on files
      And the second network rejects every attach for good
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the change has ended without effect
      And the device is attached to the first network
      And all parties agree that the card is of the first network

    Scenario: A card that was given another key than is stored comes back
      Given the home register of the second network gives out keys other than those that it stores
      When the device requests a change to the second network
      Then the device is attached to the first network
      And all parties agree that the card is of the first network

    Scenario: Where the attach succeeds the card does not come back
      Given the device has requested a change to the second network
      And the device was switched off and on again
      Then the device is attached to the second network
      And all parties agree that the card is of the second network

    Scenario Outline: A network that tells devices <ban> strands nobody who cannot hear another
      Given the first network tells devices that it does not let in <ban>
      And the device is where only the first network can be heard
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the change has ended without effect
      And the device is attached to the first network

      Examples:
        | ban                                |
        | that nobody knows their card       |
        | that their card is forbidden       |
        | that they are forbidden themselves |

  @beyond-B05
  Rule: An identity that was reserved for a change that fails is free again
    Scenario: After a change nothing stays reserved
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity
      And the home register of the second network holds no identity for an open change

    Scenario: After a wrong admin code nothing stays reserved
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity
      And the home register of the second network holds no identity for an open change

    Scenario: After an attach that failed nothing stays reserved
      Given the second network rejects every attach for good
      When the device requests a change to the second network
      Then the home register of the second network has provided 1 identity
      And the home register of the second network holds no identity for an open change

    Scenario: Where the home register never hears of the end the reservation ends by itself
      Given every personalization message is lost
      And every release of an identity is lost
      When the device requests a change to the second network
      Then the change has ended without effect
      And the home register of the second network has provided 1 identity
      And the home register of the second network holds no identity for an open change

    Scenario: Where the identity never arrives at the application server nothing stays reserved
      Given every identity notice of the second operator is lost
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the home register of the second network has provided 1 identity
      And the home register of the second network holds no identity for an open change

  @beyond-B08
  Rule: The first home register deletes only when the change is certain
    Scenario: When the change is certain it deletes
      When the device requests a change to the second network
      Then the operator of the second network has confirmed that the card attached
      And the home register of the second network knows the card
      But the home register of the first network does not know the card

    Scenario: A card that reported success but never attached is not deleted
      Given the second network rejects every attach for good
      When the device requests a change to the second network
      Then the card has reported that it has changed
      But the home register of the first network knows the card
      And the operator of the first network was not told that the user left

    Scenario: A change whose confirmation is lost is certain when the application server asks
      Given the confirmation of the second operator is lost 8 times
      And every report of the card is lost
      When the device requests a change to the second network
      Then the change is complete
      And the home register of the second network knows the card
      But the home register of the first network does not know the card

    Scenario: A change that was given up is not deleted
      Given every personalization message comes late
      When the device requests a change to the second network
      Then the home register of the first network knows the card
      And the device is attached to the first network

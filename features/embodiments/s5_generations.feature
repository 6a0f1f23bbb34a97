Feature: S5 - networks of different generations
  The first and the second network may each be of GSM, UMTS, LTE or CDMA. The change is the same for all of them; the
  attach is that of the network.

  @embodiment-E22 @step-S5
  Rule: Networks may be of any generation, in any combination, and authenticate as their generation does
    Scenario Outline: From <one> to <other>
      Given the first network is of <one>
      And the second network is of <other>
      And the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the device is attached to the second network
      And all parties agree that the card is of the second network

      Examples:
        | one  | other |
        | GSM  | GSM   |
        | GSM  | UMTS  |
        | GSM  | LTE   |
        | GSM  | CDMA  |
        | UMTS | GSM   |
        | UMTS | UMTS  |
        | UMTS | LTE   |
        | UMTS | CDMA  |
        | LTE  | GSM   |
        | LTE  | UMTS  |
        | LTE  | LTE   |
        | LTE  | CDMA  |
        | CDMA | GSM   |
        | CDMA | UMTS  |
        | CDMA | LTE   |
        | CDMA | CDMA  |

    Scenario Outline: A network of <generation> authenticates as <generation> does
      Given the second network is of <generation>
      And the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the second network has authenticated the card as <generation> does
      And an ordinary short message reaches the user

      Examples:
        | generation |
        | GSM        |
        | UMTS       |
        | LTE        |
        | CDMA       |

    Scenario Outline: In a network of <generation> a card with another key gets no service
      Given the second network is of <generation>
      And the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And the home register of the second network gives out keys other than those that it stores
      When the device requests a change to the second network
      Then the device is attached to the first network
      And the card does not authenticate in the second network
      And the change has ended without effect

      Examples:
        | generation |
        | GSM        |
        | UMTS       |
        | LTE        |
        | CDMA       |

    Scenario Outline: A card of <generation> tells a register that lost count how often it was challenged
      Given the first network is of <generation>
      And the application server has agreements with the operators of the first and the second network
      And a user who subscribes to the first network
      And the device was switched off and on again 10 times
      And the home register of the first network has lost how often it challenged its cards
      And the device was switched off and on again
      When the device requests a change to the second network
      Then the device is attached to the second network
      And all parties agree that the card is of the second network

      Examples:
        | generation |
        | UMTS       |
        | LTE        |
        | CDMA       |

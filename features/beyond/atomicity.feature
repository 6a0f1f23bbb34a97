Feature: Beyond - power is lost in the middle of the replacement
  The card holds the old pair or the new pair, whole, at any instant.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B01
  Rule: Power lost at any instant of the replacement leaves the old pair or the new pair whole
    Scenario Outline: Power is gone for a moment after <share> hundredths
      Given the card loses power for a moment after <share> hundredths of its replacement
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | share |
        | 0     |
        | 1     |
        | 10    |
        | 25    |
        | 50    |
        | 63    |
        | 64    |
        | 65    |
        | 75    |
        | 90    |
        | 99    |

    Scenario Outline: Power is gone for long after <share> hundredths
      Given the card loses power for long after <share> hundredths of its replacement
      And the device has requested a change to the second network
      And the device is switched on again
      Then the change has ended without effect
      And all parties agree that the card is of the first network

      Examples:
        | share |
        | 0     |
        | 1     |
        | 10    |
        | 25    |
        | 50    |
        | 63    |
        | 64    |
        | 65    |
        | 75    |
        | 90    |
        | 99    |

    Scenario Outline: Power is gone for a moment after <share> hundredths of a script
      Given personalization messages are scripts of commands on files
      And the card loses power for a moment after <share> hundredths of its replacement
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | share |
        | 0     |
        | 10    |
        | 50    |
        | 90    |
        | 99    |

    Scenario: Power is gone for long in the middle of a script
      Given personalization messages are scripts of commands on files
      And the card loses power for long after 50 hundredths of its replacement
      And the device has requested a change to the second network
      And the device is switched on again
      Then the change has ended without effect
      And all parties agree that the card is of the first network

    Scenario: What was not replaced when the power went is replaced by the message sent again
      Given the card loses power for a moment after 10 hundredths of its replacement
      When the device requests a change to the second network
      Then the personalization message was sent again
      And the card authenticates in the second network

    Scenario: After the power came back the card can change
      Given the card loses power for long after 50 hundredths of its replacement
      And the device has requested a change to the second network
      And the device is switched on again
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

    Scenario: Where no power is lost the message is not sent again
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the personalization message was not sent again

@claim-11
Feature: Claim 11 - a smart card that can be personalized from afar
  It receives the message of the application server, and replaces its identity and key.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-11a @step-S3
  Rule: It has means for receiving the message that the application server sends
    Scenario Outline: It receives a message in <count> parts
      Given personalization messages take <count> parts
      When the device requests a change to the second network
      Then <count> parts have reached the card
      And the card has reported that it has changed

      Examples:
        | count |
        | 2     |
        | 4     |

    Scenario: It takes no message that the application server did not send
      When somebody without the keys of the card sends it a personalization message
      Then the card has reported nothing
      And the card authenticates in the first network
      But the card does not authenticate in the second network

    Scenario: It still takes the message of the application server after one that was forged
      Given somebody without the keys of the card has sent it a personalization message
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the card authenticates in the second network

    Scenario: It takes no message that was meant for another card
      Given another user who subscribes to the first network
      When the device of the other user requests a change to the second network
      Then the card has reported nothing
      And the card authenticates in the first network

  @element-11b @step-S4
  Rule: It has means for interpreting the command, and replaces its identity and key if the admin code is valid
    Scenario: With a valid admin code it becomes a card of the second network
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the card authenticates in the second network
      But the card does not authenticate in the first network

    Scenario: Without a valid admin code it stays a card of the first network
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the card authenticates in the first network
      But the card does not authenticate in the second network

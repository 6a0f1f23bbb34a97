@claim-7
Feature: Claim 7 - the personalization message is decomposed in many messages
  A message too long for one short message travels in parts. The card acts on the whole, or not at all.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-7a @step-S3
  Rule: The message can be decomposed, and the card acts only on the complete one
    Scenario Outline: A message in <count> parts is put together
      Given personalization messages take <count> parts
      When the device requests a change to the second network
      Then <count> parts have reached the card
      And the card authenticates in the second network

      Examples:
        | count |
        | 2     |
        | 3     |
        | 5     |

    Scenario: The order in which the parts arrive does not matter
      Given personalization messages take 3 parts
      And the parts arrive in the opposite order
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: A part that arrives twice does not matter
      Given personalization messages take 3 parts
      And every part arrives twice
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the home register of the second network has provided 1 identity

    Scenario Outline: Without part <missing> of 3 the card does not act
      Given personalization messages take 3 parts
      And part <missing> of every personalization message is lost
      When the device requests a change to the second network
      Then the card authenticates in the first network
      But the card does not authenticate in the second network
      And the change has ended without effect

      Examples:
        | missing |
        | 1       |
        | 2       |
        | 3       |

  @element-7b @step-S4
  Rule: The admin code may be the tool of authentication and ciphering of the parts
    Scenario: The card accepts what was secured with its admin code
      Given admin codes are used as keys
      And personalization messages take 3 parts
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: The card refuses what was secured with another admin code
      Given admin codes are used as keys
      And personalization messages take 3 parts
      And the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the change has ended without effect
      And the card authenticates in the first network

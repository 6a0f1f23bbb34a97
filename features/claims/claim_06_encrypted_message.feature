@claim-6
Feature: Claim 6 - the personalization message is an encrypted short message
  Who listens on the way learns nothing; what was not enciphered for the card is not obeyed.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-6a @step-S3
  Rule: The message is an encrypted short message that the card decrypts
    Scenario: The card decrypts the message
      When the device requests a change to the second network
      Then the card has reported that it has changed

    Scenario: Nobody on the way learns the key or the admin code
      When the device requests a change to the second network
      Then no key and no admin code was overheard
      And the card authenticates in the second network

    Scenario: A message enciphered with another card's key is not obeyed
      Given the application server enciphers with another card's key
      When the device requests a change to the second network
      Then the change has ended without effect
      And the card authenticates in the first network

    Scenario: A message altered on the way is not obeyed
      Given every personalization message is altered on its way
      When the device requests a change to the second network
      Then the change has ended without effect
      And the card authenticates in the first network

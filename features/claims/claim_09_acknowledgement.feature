@claim-9
Feature: Claim 9 - the first network is asked before its subscriber leaves
  Optionally the application server gets an acknowledgement of the first operator before it sends the message.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And the application server asks for acknowledgement before a subscriber leaves
    And a user who subscribes to the first network

  @element-9a @step-S3
  Rule: Before it sends the message the application server can ask the first network
    Scenario: With the acknowledgement of the first network the card changes
      When the device requests a change to the second network
      Then the operator of the first network was asked for acknowledgement
      And the card authenticates in the second network

    Scenario: Nobody but the operator of the first network is asked
      Given the application server has an agreement with the operator of the third network
      When the device requests a change to the second network
      Then the operator of the first network was asked for acknowledgement
      But the operator of the second network was not asked for acknowledgement
      And the operator of the third network was not asked for acknowledgement

  @element-9b @step-S3
  Rule: Without that acknowledgement nothing is sent and nothing stays reserved
    Scenario: The first network refuses
      Given the operator of the first network refuses acknowledgement
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the card authenticates in the first network
      And the home register of the second network holds no identity for an open change

    Scenario: The first network never answers
      Given the operator of the first network never answers a question for acknowledgement
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the card authenticates in the first network
      And the home register of the second network holds no identity for an open change

    Scenario: A change that was refused can be acknowledged later
      Given the operator of the first network refuses acknowledgement
      And the device has requested a change to the second network
      And the operator of the first network grants acknowledgement again
      When the device requests a change to the second network
      Then the card authenticates in the second network

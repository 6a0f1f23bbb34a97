@claim-2
Feature: Claim 2 - the request comes from the device or from the second network
  The user asks the device, or the operator to whom they want to go.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-2a @step-S1
  Rule: The communication device can send the request
    Scenario: The request of the device is served
      When the device requests a change to the second network
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: Without a request nothing changes
      Then the application server has taken no request
      And no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: The network of which the card already is changes nothing
      When the device requests a change to the first network
      Then the application server has refused the request
      And the card authenticates in the first network

  @element-2b @step-S1
  Rule: An entity of the second network can send the request after the user agreed, and not otherwise
    Scenario: The customer centre asks for a user who agreed
      When the user agrees with the customer centre of the second network to change
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: The customer centre does not ask for a user who did not agree
      When the user does not agree with the customer centre of the second network to change
      Then the application server has taken no request
      And the card authenticates in the first network

    Scenario: The customer centre of an operator without agreement is refused
      When the user agrees with the customer centre of the third network to change
      Then the application server has taken no request
      And the card authenticates in the first network

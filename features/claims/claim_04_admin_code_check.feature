@claim-4
Feature: Claim 4 - an application in the card checks the admin code
  The code received is held against the one initially stored in the card.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-4a @step-S4
  Rule: The card application accepts the admin code initially stored in the card, and no other
    Scenario: The stored admin code is accepted
      When the device requests a change to the second network
      Then the card has reported that it has changed

    Scenario: Another admin code is refused by the card itself
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then 1 personalization message has left for the card
      And the card has reported a wrong admin code
      And the card authenticates in the first network

    Scenario: The admin code stays the same over a change
      Given the device has requested a change to the second network
      When the device requests a change to the first network
      Then the card has reported that it has changed
      And the card authenticates in the first network

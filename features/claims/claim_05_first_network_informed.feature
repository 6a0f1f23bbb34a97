@claim-5
Feature: Claim 5 - the first network learns that its subscriber has left
  When the change is certain the first operator is told, and its home register forgets the card.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-5a @step-S5
  Rule: The application server informs the operator of the first network
    Scenario: The first operator is told after a change
      When the device requests a change to the second network
      Then the operator of the first network was told that the user left

    Scenario: The first operator is not told of a change that did not happen
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the operator of the first network was not told that the user left

  @element-5b @step-S5
  Rule: So informed, the operator of the first network deletes identity and key in its home register
    Scenario: The first home register forgets the card
      When the device requests a change to the second network
      Then the home register of the first network does not know the card

    Scenario: Without a change the first home register keeps the card
      Given part 1 of every personalization message is lost
      When the device requests a change to the second network
      Then the home register of the first network knows the card
      And the card authenticates in the first network

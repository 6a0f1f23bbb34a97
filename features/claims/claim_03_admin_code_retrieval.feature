@claim-3
Feature: Claim 3 - the card identifier leads to the admin code
  The request names the card; what the database holds in correspondence with that name opens the card.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-3a @step-S1
  Rule: The request comprises the identifier of the smart card
    Scenario: The card that the request names is the one that changes
      Given another user who subscribes to the first network
      When the device of the other user requests a change to the second network
      Then the card of the other user authenticates in the second network
      But the card authenticates in the first network

    Scenario: A request that names no card is not taken
      Given requests of devices lack the identifier of the card
      When the device requests a change to the second network
      Then the application server has taken no request
      And the card authenticates in the first network

  @element-3b @step-S3
  Rule: Before it sends the message the application server retrieves the admin code of that card
    Scenario: Each card gets its own admin code
      Given another user who subscribes to the first network
      And the device of the other user has requested a change to the second network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the card of the other user authenticates in the second network

    Scenario: The admin code of another card opens nothing
      Given the application server holds another card's admin code for the card
      And another user who subscribes to the first network
      And the device of the other user has requested a change to the second network
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the card authenticates in the first network
      But the card of the other user authenticates in the second network

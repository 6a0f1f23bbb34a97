Feature: S1 - how a change is requested
  The user chooses in a menu, types a code, or talks to the operator to whom they want to go.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @embodiment-E04 @step-S1
  Rule: The user selects a command in a menu of the device
    Scenario: The menu leads to the second network
      When the user selects the second network in the menu
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: A menu that nobody touches requests nothing
      Then the application server has taken no request
      And the card authenticates in the first network

  @embodiment-E05 @step-S1
  Rule: The user types a command code read from a document of the operator
    Scenario: The command code of the second network leads there
      When the user types the command code of the second network
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: A command code that no document holds requests nothing
      When the user types a command code that is in no document
      Then the application server has taken no request
      And the card authenticates in the first network

  @embodiment-E06 @step-S1
  Rule: The request is a short message that a short message centre carries to the application server
    Scenario: The short message centre of the first network carries the request
      When the device requests a change to the second network
      Then the request was carried by the short message centre of the first network
      And the application server has taken a request for the second network

    Scenario: The short message centre of the second network does not carry it
      When the device requests a change to the second network
      Then the request was not carried by the short message centre of the second network

  @embodiment-E07 @step-S1
  Rule: The user gives the card identifier to the second operator, which sends the request
    Scenario: The request of the customer centre is the same request
      When the user agrees with the customer centre of the second network to change
      Then the application server has taken a request for the second network
      And 1 personalization message has left for the card
      And the card authenticates in the second network

    Scenario: The agreement of the user is needed
      When the user does not agree with the customer centre of the second network to change
      Then the application server has taken no request
      And no personalization message has left for the card

    Scenario: Who has the device asks on the web site
      When the user asks on the web site of the second network to change
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

    Scenario: Who knows only the number of the card asks on the web site in vain
      When somebody who knows only the number of the card asks on the web site of the second network
      Then the application server has taken no request
      And no personalization message has left for the card
      And the card authenticates in the first network

  @embodiment-E08 @step-S1
  Rule: The application server serves only cards that are in its database
    Scenario: A card in the database is served
      When the device requests a change to the second network
      Then the application server has taken a request for the second network

    Scenario: The request of an unknown card's device is refused
      Given the card is not in the database of the application server
      When the device requests a change to the second network
      Then the application server has refused the request
      And the home register of the second network has provided 0 identities
      And the card authenticates in the first network

    Scenario: The request of a customer centre for an unknown card is refused
      Given the card is not in the database of the application server
      When the user agrees with the customer centre of the second network to change
      Then the application server has refused the request
      And the card authenticates in the first network

  @embodiment-E21 @step-S1
  Rule: A subscription can be changed any number of times, back and among many networks
    Scenario: The user goes back to the network they came from
      Given the device has requested a change to the second network
      When the device requests a change to the first network
      Then the card authenticates in the first network
      And the home register of the first network knows the card
      But the card does not authenticate in the second network

    Scenario: The user goes on to a third network
      Given the application server has an agreement with the operator of the third network
      And the device has requested a change to the second network
      When the device requests a change to the third network
      Then the card authenticates in the third network
      And the home register of the second network does not know the card
      But the card does not authenticate in the second network

    Scenario: More changes than a network has identities are no limit
      Given the device has changed to the second network and back to the first network 20 times
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the home register of the second network has provided 21 identities

  @embodiment-E23 @step-S1
  Rule: The device may be a phone of a person or a machine that nobody attends
    Scenario: The phone of a person changes from its menu
      When the user selects the second network in the menu
      Then the card authenticates in the second network

    Scenario: A machine changes when its owner asks the customer centre
      Given the device of the user is a machine without a screen
      When the user agrees with the customer centre of the second network to change
      Then the card authenticates in the second network

    Scenario: A machine whose card asks its user is not changed, since nobody answers
      Given cards ask their user before they change
      And the device of the user is a machine without a screen
      When the user agrees with the customer centre of the second network to change
      Then the user was asked nothing
      And the card has reported a refusal
      And the card authenticates in the first network

  @embodiment-E29 @step-S1
  Rule: A subscriber abroad can change to a local subscription with the same card, and back
    Scenario: Abroad the subscriber roams
      Given subscribers of the first network may roam in the second network
      And the device is where only the second network can be heard
      Then the device is attached to the second network
      And the home register of the first network locates the device in the second network
      But the home register of the second network does not know the card

    Scenario: Abroad the subscriber changes to a local subscription
      Given subscribers of the first network may roam in the second network
      And the device is where only the second network can be heard
      When the device requests a change to the second network
      Then the home register of the second network locates the device in the second network
      And the home register of the first network does not know the card
      And the device is attached to the second network

    Scenario: Home again the subscriber changes back
      Given subscribers of the first network may roam in the second network
      And subscribers of the second network may roam in the first network
      And the device is where only the second network can be heard
      And the device has requested a change to the second network
      And the device is where only the first network can be heard
      When the device requests a change to the first network
      Then the home register of the first network locates the device in the first network

    Scenario: Without roaming the subscriber abroad can ask for nothing
      Given the device is where only the second network can be heard
      When the device requests a change to the second network
      Then the device is attached to no network
      And the application server has taken no request
      And the home register of the first network knows the card

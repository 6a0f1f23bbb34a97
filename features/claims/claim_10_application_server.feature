@claim-10
Feature: Claim 10 - an application server that personalizes smart cards
  It receives the request, has a session with the home register, and sends the personalization message.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-10a @step-S1
  Rule: It has means for receiving a request that names the card and the second network
    Scenario: It receives the request of a device
      When the device requests a change to the second network
      Then the application server has taken a request for the second network

    Scenario: It receives the request of a customer centre
      When the user agrees with the customer centre of the second network to change
      Then the application server has taken a request for the second network

    Scenario: It does not take a request that names no card
      Given requests of devices lack the identifier of the card
      When the device requests a change to the second network
      Then the application server has taken no request

    Scenario: It tells the requests of two devices apart
      Given the application server has an agreement with the operator of the third network
      And another user who subscribes to the first network
      And the device of the other user has requested a change to the third network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the card of the other user authenticates in the third network

  @element-10b @step-S2
  Rule: It has means for the secured session with the home register and for receiving identity and key
    Scenario: It has a session with the home register that the request names, and receives an identity
      When the device requests a change to the second network
      Then the application server had a session with the home register of the second network
      And the home register of the second network has provided 1 identity
      And no key and no admin code was overheard

    Scenario: Each request leads to the home register that it names
      Given the application server has an agreement with the operator of the third network
      When the device requests a change to the third network
      Then the application server had a session with the home register of the third network
      And the home register of the third network has provided 1 identity
      But the application server had no session with the home register of the second network

    Scenario: It receives nothing from a home register that does not run
      Given the program of the home register of the second network does not run
      When the device requests a change to the second network
      Then the application server had no session with the home register of the second network
      And no personalization message has left for the card
      And the change has ended without effect

  @element-10c @step-S3
  Rule: It has means for sending the personalization message
    Scenario: It sends the message to the card that the request names
      When the device requests a change to the second network
      Then 1 personalization message has left for the card
      And the card has reported that it has changed

    Scenario: It sends each of two cards a message of its own
      Given another user who subscribes to the first network
      And the device of the other user has requested a change to the second network
      When the device requests a change to the second network
      Then 1 personalization message has left for the card
      And 1 personalization message has left for the card of the other user
      And the home register of the second network has provided 2 identities

    Scenario: Without identity and key it sends nothing
      Given the home register of the second network has no free identity
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the card has reported nothing

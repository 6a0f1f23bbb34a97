@claim-12
Feature: Claim 12 - a computer program executes the steps of the method
  The application server is a program in a server: it does all by itself while it runs, and nothing while it does not.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @element-12a @step-S1
  Rule: The program, installed and run in a server, executes the steps of the method
    Scenario: The running program executes every step
      When the device requests a change to the second network
      Then the application server has taken a request for the second network
      And the application server had a session with the home register of the second network
      And 1 personalization message has left for the card
      And the operator of the first network was told that the user left

    Scenario: A program that does not run executes no step
      Given the program of the application server does not run
      When the device requests a change to the second network
      Then the application server has taken no request
      And the application server had no session with the home register of the second network
      And no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: The program executes the steps again as soon as it runs again
      Given the program of the application server does not run
      And the device has requested a change to the second network
      And the program of the application server runs again
      When the device requests a change to the second network
      Then the application server has taken a request for the second network
      And the card authenticates in the second network

Feature: Beyond - a party dies and is started again
  It goes on from what it had recorded: nothing is lost, nothing is done twice.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B12
  Rule: A party that is killed at any instant goes on from its records, with nothing lost and nothing done twice
    Scenario Outline: <party> dies after its <decision>. decision
      Given <party> dies at its <decision>. decision, after it is recorded
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | party                                         | decision |
        | the application server                        | 1        |
        | the application server                        | 2        |
        | the application server                        | 3        |
        | the application server                        | 4        |
        | the application server                        | 5        |
        | the application server                        | 6        |
        | the application server                        | 7        |
        | the home register of the first network        | 3        |
        | the home register of the first network        | 5        |
        | the home register of the first network        | 7        |
        | the home register of the first network        | 9        |
        | the home register of the second network       | 1        |
        | the home register of the second network       | 2        |
        | the home register of the second network       | 3        |
        | the home register of the second network       | 4        |
        | the home register of the second network       | 5        |
        | the short message centre of the first network | 3        |
        | the short message centre of the first network | 5        |
        | the short message centre of the first network | 7        |

    Scenario Outline: <party> dies with the request in its hands, and the user asks again
      Given <party> dies at its 1. decision, after it is recorded
      And the device has requested a change to the second network
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | party                                         |
        | the home register of the first network        |
        | the short message centre of the first network |

    Scenario Outline: <party> dies before its <decision>. decision, and the user asks again if nothing happened
      Given <party> dies at its <decision>. decision, before it is recorded
      And the device has requested a change to the second network
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | party                                         | decision |
        | the application server                        | 1        |
        | the application server                        | 2        |
        | the application server                        | 3        |
        | the application server                        | 4        |
        | the application server                        | 5        |
        | the application server                        | 6        |
        | the application server                        | 7        |
        | the home register of the first network        | 1        |
        | the home register of the first network        | 3        |
        | the home register of the first network        | 5        |
        | the home register of the first network        | 7        |
        | the home register of the first network        | 9        |
        | the home register of the second network       | 1        |
        | the home register of the second network       | 2        |
        | the home register of the second network       | 3        |
        | the home register of the second network       | 4        |
        | the home register of the second network       | 5        |
        | the short message centre of the first network | 1        |
        | the short message centre of the first network | 3        |
        | the short message centre of the first network | 5        |
        | the short message centre of the first network | 7        |

    Scenario: Every party goes on after all were ended and started
      Given the device has requested a change to the second network
      And the program of the application server does not run
      And the program of the application server runs again
      And the program of the home register of the second network does not run
      And the program of the home register of the second network runs again
      When the device requests a change to the first network
      Then all parties agree that the card is of the first network

    Scenario: A home register that was not there for one request is there for the next
      Given the program of the home register of the second network does not run
      And the device has requested a change to the second network
      And the program of the home register of the second network runs again
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

    Scenario: While the application server does not run nothing happens
      Given the program of the application server does not run
      When the device requests a change to the second network
      Then the application server has taken no request
      And all parties agree that the card is of the first network

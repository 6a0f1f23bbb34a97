Feature: Beyond - what has no meaning
  Octets that mean nothing get the defined answer at every interface, and change nothing.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B13
  Rule: Malformed input at any interface gets the defined error and changes no state
    Scenario Outline: Something without meaning arrives at <interface>
      When something without meaning arrives at <interface>
      Then <interface> has answered with the error that is defined there
      And the application server has taken no request
      And all parties agree that the card is of the first network

      Examples:
        | interface                                                   |
        | the application server, in a session with a home register   |
        | the application server, in a session with a customer centre |
        | the application server, from a short message centre         |
        | the application server, in a file of the manufacturer       |
        | a home register, in a session with the application server   |
        | a home register, from its own network                       |
        | a customer centre, in a session with the application server |
        | a short message centre, from the application server         |
        | a network, from a device that attaches                      |
        | a network, from a device that sends a short message         |
        | a device, from its network                                  |
        | a card, from its device                                     |
        | a card, in a short message                                  |

    Scenario Outline: After something without meaning at <interface> a change goes its way
      Given something without meaning has arrived at <interface>
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | interface                                                   |
        | the application server, in a session with a home register   |
        | the application server, in a session with a customer centre |
        | the application server, from a short message centre         |
        | the application server, in a file of the manufacturer       |
        | a home register, in a session with the application server   |
        | a home register, from its own network                       |
        | a customer centre, in a session with the application server |
        | a short message centre, from the application server         |
        | a network, from a device that attaches                      |
        | a network, from a device that sends a short message         |
        | a device, from its network                                  |
        | a card, from its device                                     |
        | a card, in a short message                                  |

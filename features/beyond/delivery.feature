Feature: Beyond - what becomes of messages that are lost, late, doubled or said again
  A change has happened at all parties or at none, and it comes to an end.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B02
  Rule: A message that was seen before changes nothing
    Scenario Outline: Every <message> arrives again after the change
      Given the device has requested a change to the second network
      When every <message> so far arrives again
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | message                                |
        | request of the device                  |
        | identity notice of the second operator |
        | personalization message                |
        | report of the card                     |
        | confirmation of the second operator    |
        | notice to the first operator           |

    Scenario Outline: Every <message> arrives again after the way there and back
      Given the device has requested a change to the second network
      And the device has requested a change to the first network
      When every <message> so far arrives again
      Then all parties agree that the card is of the first network

      Examples:
        | message                      |
        | request of the device        |
        | personalization message      |
        | notice to the first operator |

    Scenario: A script of commands on files arrives again after the way there and back
      Given personalization messages are scripts of commands on files
      And the device has requested a change to the second network
      And the device has requested a change to the first network
      When every personalization message so far arrives again
      Then all parties agree that the card is of the first network

    Scenario: The request that is new is served after one that was said again
      Given the device has requested a change to the second network
      And every request of the device so far has arrived again
      When the device requests a change to the first network
      Then all parties agree that the card is of the first network

  @beyond-B03
  Rule: Lost, late, doubled and reordered messages end in one of two states on which all parties agree
    Scenario Outline: The next <message> is lost, and the change happens all the same
      Given the next <message> is lost
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And the home register of the second network has provided 1 identity

      Examples:
        | message                                |
        | identity notice of the second operator |
        | personalization message                |
        | report of the card                     |
        | confirmation of the second operator    |
        | notice to the first operator           |

    Scenario: The request is lost, and nothing happens
      Given the next request of the device is lost
      When the device requests a change to the second network
      Then the application server has taken no request
      And all parties agree that the card is of the first network

    Scenario: Every personalization message is lost, and nothing happens
      Given every personalization message is lost
      When the device requests a change to the second network
      Then the change has ended without effect
      And all parties agree that the card is of the first network

    Scenario: Every personalization message comes after it was given up
      Given every personalization message comes late
      When the device requests a change to the second network
      Then the change has ended without effect
      And all parties agree that the card is of the first network
      And the home register of the second network holds no identity for an open change

    Scenario: Every script of commands on files comes after it was given up
      Given personalization messages are scripts of commands on files
      And every personalization message comes late
      When the device requests a change to the second network
      Then the change has ended without effect
      And all parties agree that the card is of the first network

    Scenario: The report on a script of commands on files is lost, and the change happens all the same
      Given personalization messages are scripts of commands on files
      And the next report of the card is lost
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

    Scenario: Every report of the card is lost, and the change is certain by the attach
      Given every report of the card is lost
      When the device requests a change to the second network
      Then the change is complete
      And all parties agree that the card is of the second network

    Scenario: Parts that come doubled and in the opposite order make one change
      Given personalization messages take 3 parts
      And every part arrives twice
      And the parts arrive in the opposite order
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

  @beyond-B14
  Rule: The card reports what became of the message, and the application server sends it again or gives up in time
    Scenario: A message that was reported is not sent again
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the personalization message was not sent again

    Scenario: A message that was lost is sent again
      Given the next personalization message is lost
      When the device requests a change to the second network
      Then the personalization message was sent again
      And the card has reported that it has changed
      And the change is complete

    Scenario: A message that never arrives is given up
      Given every personalization message is lost
      When the device requests a change to the second network
      Then the personalization message was sent again
      And the card has reported nothing
      And the change has ended without effect

    Scenario: A message that the card refuses is not sent again
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the personalization message was not sent again
      And the change has ended without effect

    Scenario: A report that leaves only once the device is in the second network is taken
      Given the next confirmation of the second operator is lost
      And reports of cards leave only once the device is attached to the second network
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And all parties agree that the card is of the second network

    Scenario: A report that would leave only in a network where the device never is does not come
      Given reports of cards leave only once the device is attached to the third network
      When the device requests a change to the second network
      Then the card has reported nothing
      But all parties agree that the card is of the second network

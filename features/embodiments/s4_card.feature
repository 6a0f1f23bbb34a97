Feature: S4 - what the card and its device do
  The card asks if it shall, changes if it may, and keeps what it holds from everybody.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @embodiment-E15 @step-S4
  Rule: The card may ask the user before it changes, and does not change against their will
    Scenario: The user says yes
      Given cards ask their user before they change
      And the user answers yes when asked
      When the device requests a change to the second network
      Then the user was asked whether to become a subscriber of the second network
      And the card authenticates in the second network

    Scenario: The user says no
      Given cards ask their user before they change
      And the user answers no when asked
      When the device requests a change to the second network
      Then the user was asked whether to become a subscriber of the second network
      And the card has reported a refusal
      And the card authenticates in the first network
      And the home register of the second network holds no identity for an open change

    Scenario: The user does not answer
      Given cards ask their user before they change
      And the user answers nothing when asked
      When the device requests a change to the second network
      Then the card has reported a refusal
      And the card authenticates in the first network
      But the card does not authenticate in the second network

    Scenario: The user who said no can change their mind
      Given cards ask their user before they change
      And the user answers no when asked
      And the device has requested a change to the second network
      And the user answers yes when asked
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: A card that does not ask changes without a question
      When the device requests a change to the second network
      Then the user was asked nothing
      And the card authenticates in the second network

  @embodiment-E24 @step-S4
  Rule: Card and device exchange commands and replies, and short messages pass between them as they are
    Scenario: The device passes on what is of the card and for the card
      Given personalization messages take 3 parts
      When the device requests a change to the second network
      Then the device passed on, unchanged, every short message of its card and for its card
      And 3 parts have reached the card
      And the card has reported that it has changed

    Scenario: An ordinary short message does not reach the card
      Then an ordinary short message reaches the user
      But 0 parts have reached the card

  @embodiment-E25 @step-S4
  Rule: What the card stores outlives the power
    Scenario: Identity and key are stored
      Given the device was switched off and on again
      Then the card authenticates in the first network

    Scenario: Identity and key that replaced others are stored
      Given the device has requested a change to the second network
      And the device was switched off and on again
      Then the card authenticates in the second network
      But the card does not authenticate in the first network

    Scenario: Admin code and card identifier are stored
      Given the device was switched off and on again
      When the device requests a change to the second network
      Then the card has reported that it has changed

    Scenario: The PIN is stored
      Given the device was switched off and on again
      Then the card takes the PIN of its user and no other

    Scenario: A wrong admin code is wrong after the power was gone as well
      Given the device was switched off and on again
      And the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the card authenticates in the first network

  @embodiment-E26 @step-S4
  Rule: Only a message that presents the admin code reads or writes identity and key
    Scenario: A message with the admin code replaces identity and key
      When the device requests a change to the second network
      Then the card authenticates in the second network

    Scenario: A message without it does not
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the card authenticates in the first network

    Scenario: A script of commands on files with the admin code replaces them as well
      Given personalization messages are scripts of commands on files
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And all parties agree that the card is of the second network

    Scenario: A script with another card's admin code does not
      Given personalization messages are scripts of commands on files
      And the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And the home register of the second network holds no identity for an open change
      And all parties agree that the card is of the first network

    Scenario: A script under keys made of the admin code need not present it
      Given personalization messages are scripts of commands on files
      And admin codes are used as keys
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And all parties agree that the card is of the second network

    Scenario: A script under another card's keys does nothing
      Given personalization messages are scripts of commands on files
      And the application server enciphers with another card's key
      When the device requests a change to the second network
      Then the card has reported nothing
      And all parties agree that the card is of the first network

    Scenario: A script does not pass by the user whom the card would have to ask
      Given personalization messages are scripts of commands on files
      And cards ask their user before they change
      When the device requests a change to the second network
      Then the user was asked nothing
      And the card has reported a refusal
      And the card authenticates in the first network

    Scenario: Commands of who has the card in hand do not, before a change
      Then no command to the card reads a key or an admin code, or changes identity and key
      And the card authenticates in the first network

    Scenario: Commands of who has the card in hand do not, after a change
      Given the device has requested a change to the second network
      Then no command to the card reads a key or an admin code, or changes identity and key
      And the card authenticates in the second network

    Scenario: A message of somebody without the keys does not
      When somebody without the keys of the card sends it a personalization message
      Then the card authenticates in the first network
      But the card does not authenticate in the second network

  @embodiment-E30 @step-S4
  Rule: The application of the card is installed at its manufacture or later over the air
    Scenario: A card with the application changes
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the card authenticates in the second network

    Scenario: A card without the application does not change
      Given cards come without their personalization application
      When the user agrees with the customer centre of the second network to change
      Then 1 personalization message has left for the card
      But the change has ended without effect
      And the card authenticates in the first network

    Scenario: A card changes after the application was installed over the air
      Given cards come without their personalization application
      And the operator had the application installed in the card over the air
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And the card authenticates in the second network

    Scenario: Without the application the user has nothing to choose from
      Given cards come without their personalization application
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: What was installed outlives the power
      Given cards come without their personalization application
      And the operator had the application installed in the card over the air
      And the device was switched off and on again
      When the device requests a change to the second network
      Then the card has reported that it has changed

    Scenario: An application that is there already is not harmed by another installation
      Given the operator had the application installed in the card over the air
      When the device requests a change to the second network
      Then the card has reported that it has changed
      And all parties agree that the card is of the second network

    Scenario: An installation that was lost on its way is made again
      Given cards come without their personalization application
      And the next personalization message is lost
      And the operator had the application installed in the card over the air
      And the operator had the application installed in the card over the air
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network

    Scenario: An installation that was altered on its way installs nothing
      Given cards come without their personalization application
      And every personalization message is altered on its way
      And the operator had the application installed in the card over the air
      When the device requests a change to the second network
      Then no personalization message has left for the card
      And the card authenticates in the first network

    Scenario: A card without the application changes by a script of commands on files
      Given cards come without their personalization application
      And personalization messages are scripts of commands on files
      When the user agrees with the customer centre of the second network to change
      Then the card has reported that it has changed
      And all parties agree that the card is of the second network

    Scenario: Who lacks the keys of the card installs nothing
      Given cards come without their personalization application
      And the application server enciphers with another card's key
      And the operator had the application installed in the card over the air
      When the user agrees with the customer centre of the second network to change
      Then the change has ended without effect
      And the card authenticates in the first network

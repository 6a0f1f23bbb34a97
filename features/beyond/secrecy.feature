Feature: Beyond - what nobody learns
  Keys and admin codes are heard, shown and guessed by nobody.

  Background:
    Given the application server has agreements with the operators of the first and the second network
    And a user who subscribes to the first network

  @beyond-B09
  Rule: No key and no admin code passes an interface in clear, or is shown anywhere
    Scenario: A change tells nobody a secret
      When the device requests a change to the second network
      Then all parties agree that the card is of the second network
      And no key and no admin code was overheard
      And no key and no admin code was shown in evidence, records or errors

    Scenario: A change that fails tells nobody a secret
      Given the application server holds another card's admin code for the card
      When the device requests a change to the second network
      Then the card has reported a wrong admin code
      And no key and no admin code was overheard
      And no key and no admin code was shown in evidence, records or errors

    Scenario: A change through a network entity tells nobody a secret
      Given a network entity in front of the home register of the second network
      When the device requests a change to the second network
      Then a network entity has asked the home register of the second network for an identity
      And no key and no admin code was overheard
      And no key and no admin code was shown in evidence, records or errors

    Scenario: Something without meaning makes nobody tell a secret
      Given something without meaning has arrived at the application server, in a session with a home register
      And something without meaning has arrived at the application server, in a file of the manufacturer
      When the device requests a change to the second network
      Then no key and no admin code was overheard
      And no key and no admin code was shown in evidence, records or errors

  @beyond-B11
  Rule: Wrong admin codes are counted, and past the limit the card takes none any more
    Scenario: A card that was guessed at too often takes no admin code, and works with what it has
      Given the application server holds another card's admin code for the card
      And the device has requested 3 changes to the second network in vain
      And the application server holds the admin code of the card again
      When the device requests a change to the second network
      Then the card has reported that it takes no admin code any more
      And all parties agree that the card is of the first network

    Scenario: Below the limit the right admin code is taken
      Given the application server holds another card's admin code for the card
      And the device has requested 2 changes to the second network in vain
      And the application server holds the admin code of the card again
      When the device requests a change to the second network
      Then the card has not reported that it takes no admin code any more
      And all parties agree that the card is of the second network

    Scenario: Guesses in scripts of commands on files are counted with all others
      Given the application server holds another card's admin code for the card
      And the device has requested 2 changes to the second network in vain
      And personalization messages are scripts of commands on files
      And the device has requested a change to the second network
      And the application server holds the admin code of the card again
      When the device requests a change to the second network
      Then the card has reported that it takes no admin code any more
      And all parties agree that the card is of the first network

    Scenario: The power being gone wins nobody another guess
      Given the application server holds another card's admin code for the card
      And the device has requested 3 changes to the second network in vain
      And the device was switched off and on again
      And the application server holds the admin code of the card again
      When the device requests a change to the second network
      Then the card has reported that it takes no admin code any more

Feature: S3 - how the personalization message travels
  It is made an encrypted short message, and the first network may be told before.

  Background:
    Given the application server has agreements with the operators of the first and the second network

  @embodiment-E14 @step-S3
  Rule: The card decrypts the short message and holds its content until the application executes it
    Scenario: The content is held until the message is complete
      Given a user who subscribes to the first network
      And personalization messages take 3 parts
      When the device requests a change to the second network
      Then 3 parts have reached the card
      And the card has reported that it has changed
      And no key and no admin code was overheard

    Scenario: Content that never becomes complete is not executed
      Given a user who subscribes to the first network
      And personalization messages take 3 parts
      And part 2 of every personalization message is lost
      When the device requests a change to the second network
      Then the card has reported nothing
      And the card authenticates in the first network

    Scenario: What was held of an incomplete message does not hinder the next one
      Given a user who subscribes to the first network
      And personalization messages take 3 parts
      And part 2 of every personalization message is lost
      And the device has requested a change to the second network
      And no part is lost any more
      When the device requests a change to the second network
      Then the card authenticates in the second network

  @embodiment-E18 @step-S3
  Rule: In the variant with acknowledgement the first operator learns before the message is sent
    Scenario: The first operator is told before the message leaves
      Given the application server asks for acknowledgement before a subscriber leaves
      And the operator of the first network refuses acknowledgement
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the operator of the first network was asked for acknowledgement
      And no personalization message has left for the card

    Scenario: Without the variant the first operator is not asked
      Given a user who subscribes to the first network
      When the device requests a change to the second network
      Then the operator of the first network was not asked for acknowledgement
      And the card authenticates in the second network

  @embodiment-E13 @step-S3
  Rule: The message travels across the first network to the device, which hands it to the card
    Scenario: The first network carries the message to the card
      Given a user who subscribes to the first network
      And personalization messages take 2 parts
      When the device requests a change to the second network
      Then the message was carried by the short message centre of the first network
      And 2 parts have reached the card

    Scenario: The second network does not carry the message
      Given a user who subscribes to the first network
      When the device requests a change to the second network
      Then the message was not carried by the short message centre of the second network
      And the card has reported that it has changed

    Scenario: A device that is switched off gets no message
      Given a user who subscribes to the first network
      And the device is switched off
      When the user agrees with the customer centre of the second network to change
      Then 0 parts have reached the card
      And the change has ended without effect
      And the home register of the second network holds no identity for an open change

  @embodiment-E20 @step-S3
  Rule: The application server is reached through either network, and reaches each home register
    Scenario: The first change goes through the first network
      Given a user who subscribes to the first network
      When the device requests a change to the second network
      Then the request was carried by the short message centre of the first network
      And the message was carried by the short message centre of the first network

    Scenario: The change back goes through the second network
      Given a user who subscribes to the first network
      And the device has requested a change to the second network
      When the device requests a change to the first network
      Then the request was carried by the short message centre of the second network
      And the message was carried by the short message centre of the second network
      And the card authenticates in the first network

    Scenario: It reaches home registers through their networks
      Given a network entity in front of the home register of the first network
      And a network entity in front of the home register of the second network
      And a user who subscribes to the first network
      When the device requests a change to the second network
      Then the card authenticates in the second network
      And the home register of the first network does not know the card

    Scenario: Through a network whose short message centre does not run it is not reached
      Given a user who subscribes to the first network
      And the program of the short message centre of the first network does not run
      When the device requests a change to the second network
      Then the application server has taken no request
      And the card authenticates in the first network

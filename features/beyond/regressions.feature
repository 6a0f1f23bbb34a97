@beyond-B14
Feature: Beyond the claims - what walks beside the model found
  Each scenario is the shortest way on which a system and the model once differed. Nothing happens
  in it but what it says.

  Rule: A card that reports that nothing happened has nothing to forget
    Scenario: The report comes after the change was given up
      When nothing but ask_centre happens
      And nothing but take_request happens
      And nothing but open_session happens
      And nothing but provide_identity happens
      And nothing but take_identity happens
      And nothing but retrieve_wrong_code happens
      And nothing but send_message happens
      And nothing but resend_message happens
      And nothing but receive_message happens
      And nothing but refuse_wrong_code happens
      And nothing but give_up happens
      And nothing but hear_wrong_code happens
      And nothing but release_identity happens
      Then all parties come to agree

  Rule: What was taken once is not taken again
    Scenario: A request that was taken arrives a second time
      When nothing but ask_centre happens
      And nothing but take_request happens
      And take_request is tried in vain
      And nothing but open_session happens
      And nothing but provide_identity happens
      And nothing but take_identity happens
      And take_identity is tried in vain
      Then all parties come to agree

  Rule: A device that its network forgot hears of it
    Scenario: The device comes back just before the first home register forgets it
      When nothing but request_change happens
      And nothing but take_request happens
      And nothing but open_session happens
      And nothing but provide_identity happens
      And nothing but take_identity happens
      And nothing but retrieve_admin_code happens
      And nothing but send_message happens
      And nothing but receive_message happens
      And nothing but replace_identity happens
      And nothing but lose_accept happens
      And nothing but miss_joined happens
      Then all parties come to agree

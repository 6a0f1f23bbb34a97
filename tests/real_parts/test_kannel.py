def test_foreign_servers_at_our_centre(run_apart):
    programs = ("/usr/sbin/bearerbox", "/usr/sbin/smsbox", "unshare")
    assert run_apart("kannel_script.py", *programs, modules=["smpplib"]) == [
        "Kannel names the command packet in every part, and before the concatenation",
        "the card puts them together whatever their order, and changes",
        "its enquiries are answered",
        "who does not know the password is not bound",
        "five messages under way at once are delivered, and each has its receipt",
        "who unbinds is answered and let go",
    ]

def test_what_crosses_the_wire_is_what_tshark_expects(run_apart):
    assert run_apart("capture_script.py", "tshark", "unshare") == [
        "nothing is malformed but what tshark takes for another message",
        "there is smpp",
        "there is gsup",
        "there is tls",
        "no operator message in clear",
        "TLS 1.3 and nothing older",
    ]

def test_what_passes_between_sites_is_inside_esp(run_apart):
    programs = ("swanctl", "/usr/lib/ipsec/charon", "ip", "osmo-hlr", "unshare")
    assert run_apart("ipsec_script.py", *programs) == [
        "without IPsec, keys and names are read on the wire",
        "with another key than the agreed one there is no tunnel",
        "with it the change passes inside ESP, and nothing else is on the wire",
    ]

def test_changes_between_registers_of_osmocom(run_apart):
    assert run_apart("osmo_script.py", "osmo-hlr", "unshare") == [
        "from our register to an osmo-hlr of UMTS and back",
        "from our register to an osmo-hlr of GSM and back",
        "from our register to an osmo-hlr of LTE and back",
        "from our register to an osmo-hlr of CDMA and back",
        "a card is issued and attached by an osmo-hlr",
        "the gateway tells the VLR what osmo-hlr does not: who left",
        "there and back between two of them, asked for by user and operator",
        "killed before it holds the identity, and the change ends",
        "killed before MesN, and the change ends",
        "killed before the vectors, and the change ends",
        "killed before the update of the location, and the change ends",
        "a subscriber whom osmo-hlr lost is entered anew when the card attaches",
        "an identity that osmo-hlr refuses is given to nobody",
        "an exhausted pool ends the change",
    ]

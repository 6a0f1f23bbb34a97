def test_our_card_in_a_real_reader(run_apart):
    assert run_apart("pcsc_script.py", "pcscd", "unshare", modules=["smartcard"]) == [
        "CLA 00 reads EF.IMSI",
        "CLA A0 reads the same",
        "no APDU waits for an acknowledgement",
        "MesP went through the reader, and the card changed",
        "killed in an update, the card comes up with all of it or nothing",
    ]

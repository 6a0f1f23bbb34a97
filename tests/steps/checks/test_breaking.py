from steps.checks.breaking import BROKE, broken


def test_who_broke_off_is_told_by_the_kind_of_error_and_its_text():
    told = broken(KeyError("card"))
    assert told == "broke: KeyError: 'card'"
    assert told.startswith(BROKE)

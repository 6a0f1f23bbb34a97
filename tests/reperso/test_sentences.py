"""The sentences are listed by behave's own catalogue."""


def test_every_sentence_is_listed_as_it_is_written_in_a_feature(reperso):
    done = reperso("steps")
    assert done.code == 0
    assert "Given a system\n" in done.out
    assert "When a message passes\n" in done.out


def test_usage_says_where_a_sentence_is_used_and_which_are_not(reperso):
    done = reperso("steps", "--usage")
    used, _, unused = done.out.partition("UNUSED STEP DEFINITIONS")
    assert "When a message passes" in used
    assert "features/one.feature:10" in used
    assert "it breaks" in unused


def test_a_sentence_that_no_feature_uses_is_a_fault(reperso, scenarios):
    scenarios(one=["When a message passes", "Then all is well"])
    done = reperso("steps", "--unused")
    assert done.code == 1
    assert "When it breaks" in done.out
    assert "all is well" not in done.out


def test_a_step_that_no_sentence_matches_is_a_fault_with_its_place(reperso, scenarios):
    scenarios(one=["When a message passes"])
    assert (reperso("steps", "--undefined").code, reperso("steps", "--undefined").out) == (0, "")
    scenarios(one=["When pigs fly"])
    done = reperso("steps", "--undefined")
    assert (done.code, "one.feature:10: When pigs fly" in done.out) == (1, True)

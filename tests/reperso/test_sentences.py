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

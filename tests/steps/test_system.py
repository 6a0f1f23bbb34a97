import pytest

from steps.system import DriverError, Setup, UnsupportedError

VARIANTS = {"hardened": 1, "literal": 2}


@pytest.mark.parametrize(
    ("options", "meaning"), [({"variant": "literal"}, 2), ({"variant": "hardened"}, 1)]
)
def test_an_option_chooses_what_it_names(options: dict[str, str], meaning: int) -> None:
    assert Setup(options=options).choose("variant", VARIANTS) == meaning


def test_where_the_statement_is_silent_the_first_is_chosen() -> None:
    assert Setup(options={"generation": "LTE"}).choose("variant", VARIANTS) == 1


def test_what_the_system_does_not_have_is_named_with_what_it_has() -> None:
    setup = Setup(options={"variant": "softened"})
    with pytest.raises(UnsupportedError, match="variant 'softened': this system has hardened, lit"):
        setup.choose("variant", VARIANTS)
    assert issubclass(UnsupportedError, DriverError)

import pytest

from impl.served.pages.visits import CODE_LASTS_S, LASTS_S, MOST, CodeRefusedError, Visits
from impl.values import ICCID

CARD, OTHER = ICCID("8933010000000000017"), ICCID("8933010000000000025")


class Site:
    def __init__(self):
        self.time, self.drawn = 0.0, 0
        self.visits = Visits(lambda: self.time, self.draw)

    def draw(self, count):
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def begin(self, iccid=CARD):
        name = self.visits.new_name()
        return name, self.visits.begin(name, iccid).reveal().decode()


@pytest.fixture
def site():
    return Site()


def test_who_says_the_code_holds_the_card(site):
    name, code = site.begin()
    assert not site.visits.find(name).is_proven
    renamed = site.visits.prove(name, code)
    visit = site.visits.find(renamed)
    assert (visit.is_proven, visit.iccid) == (True, CARD)


def test_the_name_before_the_proof_is_worth_nothing_after_it(site):
    name, code = site.begin()
    assert site.visits.prove(name, code) != name
    assert site.visits.find(name) is None


def test_another_code_is_refused_and_after_three_so_is_the_right_one(site):
    name, code = site.begin()
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    for left in (2, 1, 0):
        with pytest.raises(CodeRefusedError) as caught:
            site.visits.prove(name, wrong)
        assert caught.value.tries_left == left
    with pytest.raises(CodeRefusedError):
        site.visits.prove(name, code)
    assert not site.visits.find(name).is_proven


@pytest.mark.parametrize("said", ["", "1", "١٢٣٤٥٦٧٨", "0" * 5000])
def test_what_is_no_code_is_refused_like_a_wrong_one(site, said):
    name, _ = site.begin()
    with pytest.raises(CodeRefusedError):
        site.visits.prove(name, said)


def test_a_code_is_good_for_its_time_only(site):
    name, code = site.begin()
    site.time = CODE_LASTS_S
    with pytest.raises(CodeRefusedError):
        site.visits.prove(name, code)


def test_a_code_is_of_one_visit_and_used_once(site):
    name, code = site.begin()
    other, _ = site.begin()
    with pytest.raises(CodeRefusedError):
        site.visits.prove(other, code)
    renamed = site.visits.prove(name, code)
    with pytest.raises(CodeRefusedError):
        site.visits.prove(renamed, code)


def test_who_names_another_card_has_proved_nothing_of_it(site):
    name, code = site.begin()
    renamed = site.visits.prove(name, code)
    site.visits.begin(renamed, OTHER)
    visit = site.visits.find(renamed)
    assert (visit.iccid, visit.is_proven, visit.agreed) == (OTHER, False, None)


def test_a_visit_ends_some_time_after_its_last_page(site):
    name, _ = site.begin()
    site.time = LASTS_S - 1
    assert site.visits.find(name)
    site.time = 2 * LASTS_S - 2
    assert site.visits.find(name)
    site.time = 3 * LASTS_S
    assert site.visits.find(name) is None


def test_however_many_come_only_so_many_visits_are_kept(site):
    first, _ = site.begin()
    second, _ = site.begin()
    site.visits.find(first)
    for _ in range(MOST - 1):
        site.begin()
    assert site.visits.find(second) is None
    assert site.visits.find(first)


def test_a_visit_that_was_ended_is_not_found(site):
    name, _ = site.begin()
    site.visits.end(name)
    assert site.visits.find(name) is None


def test_a_token_is_of_one_visit_and_of_one_run(site):
    name, other = site.visits.new_name(), site.visits.new_name()
    token = site.visits.token(name)
    assert site.visits.holds_token(name, token)
    assert not site.visits.holds_token(other, token)
    assert not site.visits.holds_token(name, "")
    assert not site.visits.holds_token("", site.visits.token(""))
    restarted = Visits(lambda: 0.0, site.draw)
    assert not restarted.holds_token(name, token)


def test_a_visit_shows_no_code(site):
    name, code = site.begin()
    assert code not in repr(site.visits.find(name))

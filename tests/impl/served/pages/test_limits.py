import pytest

from impl.served.pages.limits import Limit, TooOftenError, client_of


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


def test_so_many_times_and_then_not_for_a_while():
    clock = Clock()
    limit = Limit(2, 60.0, clock)
    limit.count("a")
    clock.time = 10.0
    limit.count("a")
    with pytest.raises(TooOftenError) as caught:
        limit.count("a")
    assert caught.value.retry_after_s == 51
    clock.time = 61.0
    limit.count("a")
    with pytest.raises(TooOftenError):
        limit.count("a")


def test_one_name_does_not_use_up_what_another_has():
    limit = Limit(1, 60.0, Clock())
    limit.count("a")
    limit.count("b")
    with pytest.raises(TooOftenError):
        limit.count("b")


def test_what_is_refused_is_not_counted():
    clock = Clock()
    limit = Limit(1, 60.0, clock)
    limit.count("a")
    for clock.time in range(1, 60):
        with pytest.raises(TooOftenError):
            limit.count("a")
    clock.time = 60.0
    limit.count("a")


def test_however_many_come_only_so_many_are_remembered():
    limit = Limit(1, 60.0, Clock(), capacity=10)
    for number in range(100):
        limit.count(str(number))
    limit.count("0")
    with pytest.raises(TooOftenError):
        limit.count("99")


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, ""),
        ("a name", ""),
    ],
)
def test_who_has_a_network_of_their_own_is_one_client(address, client):
    assert client_of(address) == client

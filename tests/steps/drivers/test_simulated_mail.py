import pytest

from impl.codec.operator import decode_operator, encode_operator
from impl.codec.user_data import UserData
from impl.messages import RequestChange
from impl.values import PLMN
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.simulated_mail import Letter, altered, asking_for, renamed, without_card
from steps.drivers.simulated_scene import Scene

OTHER = PLMN("310410")


@pytest.fixture
def scene():
    driver = load("simulated")(Setup(seed=1))
    made = Scene(driver)
    made.world.choose(made.handset, made.network(made.joined).plan.name)
    made.simulation.run()
    yield made
    driver.close()


def test_a_request_waits_until_it_is_delivered(scene):
    assert scene.mail.has(Letter.REQUEST)
    assert scene.change() is None
    scene.mail.deliver(Letter.REQUEST)
    assert scene.change() is not None
    assert scene.mail.has(Letter.RESERVE)


def test_what_is_dropped_never_comes(scene):
    scene.mail.drop(Letter.REQUEST)
    assert not scene.mail.has(Letter.REQUEST)
    assert scene.change() is None


def test_a_request_can_name_another_network(scene):
    keys = scene.handset.profile.ota_keys
    scene.mail.deliver(Letter.REQUEST, lambda octets: renamed(octets, keys, plmn=OTHER))
    (refusal,) = scene.world.server.refusals()
    assert refusal.plmn == OTHER


def test_a_customer_centre_can_ask_for_another_network(scene):
    own = RequestChange(id="1", iccid=scene.iccid, plmn=scene.joined, user_agreed=True)
    said = decode_operator(asking_for(encode_operator(own), plmn=OTHER))
    assert said == own.model_copy(update={"plmn": OTHER})


def test_a_packet_that_is_not_the_cards_cannot_be_changed(scene):
    with pytest.raises(Exception, match=r"packet|octet|length|short"):
        without_card(b"nonsense", scene.handset.profile.ota_keys)


def test_an_altered_part_differs_in_its_last_octet():
    (part,) = altered([UserData((), b"\x01\x02")])
    assert part.octets == b"\x01\x03"

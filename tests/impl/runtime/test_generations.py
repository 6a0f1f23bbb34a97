"""Networks of all generations, and cards of all algorithms: any of them to any other and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product

import pytest

from impl.application_server.change import State
from impl.card import image
from impl.card.tree import find_file
from impl.codec.card_file import EpsLocationInformation, EpsSecurityContext
from impl.codec.eps_mobility import TrackingAreaUpdateAccept, TrackingAreaUpdateRequest
from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.mobility import AuthenticationRequest, LocationUpdatingRequest, Updating, decode_mm
from impl.codec.nas_security import decode_nas
from impl.events import Arrived, Interface, Peer
from impl.network.vlr import OWN_REGISTER
from impl.runtime.deployment import ALGORITHMS, NETWORKS, SERVING_NODES, NetworkPlan, serves_devices
from impl.runtime.world import Handset, World
from impl.values import Algorithm, Generation

GENERATIONS = tuple(Generation)
OF_AKA = {Algorithm.MILENAGE, Algorithm.TUAK}


@contextmanager
def world_of(*plans: NetworkPlan) -> Iterator[tuple[World, Handset]]:
    world = World(5, plans)
    for plan in plans:
        world.agree(plan.plmn)
    handset = world.subscribe(plans[0].plmn)
    world.settle()
    yield world, handset
    world.close()


def plans_of(*generations: Generation) -> list[NetworkPlan]:
    return [replace(plan, generation=one) for plan, one in zip(NETWORKS, generations, strict=False)]


@pytest.mark.parametrize(("first", "second"), list(product(GENERATIONS, GENERATIONS)))
def test_a_user_changes_from_any_generation_to_any_and_back(
    first: Generation, second: Generation
) -> None:
    here, there = plans_of(first, second)
    with world_of(here, there) as (world, handset):
        assert handset.terminal.serving_network == here.plmn
        for plan in (there, here):
            world.choose(handset, plan.name)
            world.settle()
            assert handset.terminal.serving_network == plan.plmn
        assert [change.state for change in world.server.changes()] == [State.DONE] * 2
        assert list(world.journal.overheard()) == []


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_card_attaches_wherever_its_algorithm_serves(
    generation: Generation, algorithm: Algorithm
) -> None:
    plan = replace(NETWORKS[0], generation=generation, algorithm=algorithm)
    with world_of(plan) as (_, handset):
        serves = generation is Generation.GSM or algorithm in OF_AKA
        assert (handset.terminal.serving_network == plan.plmn) == serves


def test_a_network_of_gsm_challenges_without_autn_and_one_of_umts_with_it() -> None:
    here, there = plans_of(Generation.GSM, Generation.UMTS)
    with world_of(here, there) as (world, handset):
        world.choose(handset, there.name)
        world.settle()
        said = [one for one in world.journal.entries if one.interface is Interface.MM]
        read = [(one.sender, decode_mm(one.message)) for one in said]
        challenges = {who: one for who, one in read if isinstance(one, AuthenticationRequest)}
        assert challenges[here.serving_node].autn is None
        assert challenges[there.serving_node].autn is not None


def test_a_new_identity_asks_for_a_normal_updating_and_a_known_one_attaches() -> None:
    (plan,) = plans_of(Generation.UMTS)
    with world_of(plan) as (world, handset):
        world.perform(handset.name, handset.terminal.switch_off())
        world.perform(handset.name, handset.terminal.switch_on())
        world.settle()
        read = [
            decode_mm(one.message) for one in world.journal.entries if one.interface is Interface.MM
        ]
        kinds = [one.updating.kind for one in read if isinstance(one, LocationUpdatingRequest)]
        assert kinds == [Updating.NORMAL, Updating.IMSI_ATTACH]


@pytest.mark.parametrize("generation", [Generation.GSM, Generation.UMTS])
def test_a_device_says_every_four_hours_that_it_is_there_and_no_register_hears_of_it(
    generation: Generation,
) -> None:
    (plan,) = plans_of(generation)
    with world_of(plan) as (world, handset):
        asked = len(world.journal.entries)
        world.simulation.wait(9 * 3600.0)
        entries = world.journal.entries[asked:]
        read = [decode_mm(one.message) for one in entries if one.interface is Interface.MM]
        kinds = [one.updating.kind for one in read if isinstance(one, LocationUpdatingRequest)]
        assert kinds == [Updating.PERIODIC] * 2
        told = [decode_gsup(one.message) for one in entries if one.interface is Interface.GSUP]
        types = {one.message_type for one in told}
        assert types == {GsupType.SEND_AUTH_INFO_REQUEST, GsupType.SEND_AUTH_INFO_RESULT}
        assert {one.interface for one in entries} == {Interface.MM, Interface.GSUP, None}
        assert handset.terminal.serving_network == plan.plmn


@pytest.mark.parametrize("generation", [Generation.GSM, Generation.UMTS, Generation.LTE])
def test_a_device_that_its_network_forgot_is_there_again_after_the_next_update(
    generation: Generation,
) -> None:
    (plan,) = plans_of(generation)
    with world_of(plan) as (world, handset):
        visitors, iccid = world.networks[plan.plmn].visitors, handset.profile.iccid
        cancel = Gsup(GsupType.LOCATION_CANCEL_REQUEST, imsi=plan.first_imsi)
        visitors.handle(Arrived(Peer(Interface.GSUP, OWN_REGISTER), cancel.encode()))
        world.simulation.wait(600.0)
        assert not visitors.is_attached(iccid)
        world.simulation.wait(4 * 3600.0)
        assert visitors.is_attached(iccid)
        assert handset.terminal.serving_network == plan.plmn


def test_a_device_says_in_lte_that_it_is_there_without_any_register() -> None:
    (plan,) = plans_of(Generation.LTE)
    with world_of(plan) as (world, handset):
        attached = len(world.journal.entries)
        world.simulation.wait(3600.0)
        said = [decode_nas(one.message) for one in world.journal.entries[attached:]]
        assert [type(one) for one in said] == [TrackingAreaUpdateRequest, TrackingAreaUpdateAccept]
        for _ in range(20):
            world.simulation.wait(86_400.0)  # more updates than a context has numbers
        assert handset.terminal.serving_network == plan.plmn


def test_the_card_keeps_where_it_is_in_lte_and_forgets_it_with_the_identity() -> None:
    here, there = plans_of(Generation.LTE, Generation.UMTS)
    with world_of(here, there) as (world, handset):
        assert EpsLocationInformation.decode(content(handset, "6fe3")).plmn == here.plmn
        context = EpsSecurityContext.decode(content(handset, "6fe4"))
        assert context is not None
        world.choose(handset, there.name)
        world.settle()
        assert content(handset, "6fe3") == EpsLocationInformation.blank().encode()
        assert EpsSecurityContext.decode(content(handset, "6fe4")) is None
        assert not any(context.kasme.reveal() in one for one in shown(world))


def content(handset: Handset, fid: str) -> bytes:
    return find_file(image.ROOT, f"7fff/{fid}").read(handset.memory)


def shown(world: World) -> list[bytes]:
    return [one.dissection.octets for one in world.journal.shown()]


def test_every_generation_has_a_node_that_serves_and_an_algorithm() -> None:
    assert set(SERVING_NODES) == set(ALGORITHMS) == set(Generation)
    plan = replace(NETWORKS[0], generation=Generation.LTE)
    assert plan.serving_node == "MME 20801"
    assert serves_devices(plan.serving_node)
    assert not serves_devices("HLR 20801")
    assert plan.keys_for is Algorithm.TUAK
    assert replace(plan, algorithm=Algorithm.MILENAGE).keys_for is Algorithm.MILENAGE

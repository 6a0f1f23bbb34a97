"""What is made before anything runs (S0): folders, keys, certificates, passwords, pools and cards.

Nothing that is there is made anew: a second set-up adds what a longer deployment file names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from mmap import mmap
from pathlib import Path

from impl.application_server.card_file import CardFileError
from impl.application_server.config import ApplicationServerConfig, EsmeAccount
from impl.application_server.records import APPLICATION_SERVER
from impl.application_server.server import ApplicationServer
from impl.card.image import PLAN
from impl.card.memory import Memory
from impl.card.profile import CardProfile, personalize
from impl.crypto.vault import KEY_OCTETS, UnsealError, Vault
from impl.errors import RefusedError
from impl.events import Interface
from impl.network.hlr import HomeRegister, HomeRegisterConfig
from impl.network.osmo_gateway import OsmoGateway
from impl.network.records import HOME_REGISTER, SubscriberState
from impl.runtime.deployment import ALGORITHMS, NetworkPlan, make_iccid
from impl.runtime.sessions import SERVER
from impl.runtime.store import SqlStore
from impl.served import pki
from impl.served.deployment import Deployment, NetworkPart, split_address
from impl.served.host import Surroundings
from impl.values import ICCID, Algorithm, OtaKeys, Secret

SYSTEM_ID = "reperso"
CARD_SUFFIX = ".card"
KEY_FILE = "key-encryption-key"


class NotSetUpError(RefusedError):
    """Something that set-up makes is not there. Nothing was started."""


class CardIssuedError(RefusedError):
    """A card of this number was issued before, of this network or of another. Nothing was made."""

    def __init__(self, iccid: ICCID) -> None:
        super().__init__(f"card {iccid} was issued before: take another number")


def set_up(deployment: Deployment) -> None:
    """Make what is missing of a deployment.

    Raises:
        KeyFolderError: the folder `state` cannot be written.
    """
    state = deployment.state
    pki.create_folder(key_folder(deployment, SERVER), SERVER)
    _make_key_encryption_key(state / SERVER)
    for part in deployment.networks:
        _make_key_encryption_key(state / register_name(part))
        _make_secret(_password_file(deployment, part), 4)
        _make_keys(deployment, part)
        if part.site:
            pki.create_folder(key_folder(deployment, site_name(part)), split_address(part.site)[0])
        _fill_pool(deployment, part)
    with_server = open_server(deployment)
    for part in deployment.networks:
        if part.agrees:
            with_server.agree(part.plmn, part.name)


def issue_card(deployment: Deployment, plmn: str, number: int) -> Path:
    """Make a card and its user a subscriber (S0 [060] to [062]); return the card's file.

    The file is the card's memory with its keys: readable by its owner only.

    Raises:
        CardIssuedError, NoFreeIdentityError: nothing was made.
    """
    return next(issue_cards(deployment, plmn, [number]))


def issue_cards(deployment: Deployment, plmn: str, numbers: Iterable[int]) -> Iterator[Path]:
    """Make one card after the other, as `issue_card` does; yield the file of each.

    Raises:
        CardIssuedError, NoFreeIdentityError: this card was not made, the ones
            before it were.
    """
    part = deployment.network(plmn)
    register, server = open_register(deployment, part), open_server(deployment)
    for number in numbers:
        yield _issue(deployment, part, make_iccid(number), register, server)


def _issue(
    deployment: Deployment,
    part: NetworkPart,
    iccid: ICCID,
    register: HomeRegister,
    server: ApplicationServer,
) -> Path:
    surroundings = Surroundings()
    keys = OtaKeys(1, *(Secret(surroundings.random_octets(16)) for _ in range(2)))
    admin_code = Secret(surroundings.random_octets(8))
    secrets = (admin_code, keys.kic, keys.kid)
    row = (iccid, *(secret.reveal().hex() for secret in secrets))
    try:
        server.import_cards("iccid,admin_code,kic,kid\n" + ",".join(row))
    except CardFileError:
        raise CardIssuedError(iccid) from None
    try:
        credentials, msisdn = register.subscribe(iccid)
    except RefusedError:
        server.remove_card(iccid)
        raise
    plan = network_plan(part)
    profile = CardProfile(
        iccid=iccid,
        admin_code=admin_code,
        ota_keys=keys,
        credentials=credentials,
        plmn=part.plmn,
        msisdn=msisdn,
        service_centre=plan.service_centre,
        application_server=deployment.application_server.number,
        operators=tuple((one.name, one.plmn, one.command_code) for one in deployment.networks),
    )
    server.subscribe(iccid, part.plmn, msisdn)
    path = deployment.state / "cards" / f"{iccid}{CARD_SUFFIX}"
    _write_secret(path, personalize(profile).image)
    return path


def cards_of(deployment: Deployment) -> list[Path]:
    """Return the files of all cards that were issued, in the order of their numbers."""
    return sorted((deployment.state / "cards").glob(f"*{CARD_SUFFIX}"))


@contextmanager
def insert_card(path: Path) -> Iterator[tuple[ICCID, Memory]]:
    """Open a card that was issued.

    What it writes is in its file at once: to kill the process is to cut the power of the card.

    Raises:
        NotSetUpError: there is no such file, or it is no card's.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("r+b"))
            mapped = stack.enter_context(mmap(file.fileno(), 0))
            iccid = ICCID(path.name.removesuffix(CARD_SUFFIX))
        except OSError as error:
            raise NotSetUpError(f"{path}: {error.strerror}") from None
        except ValueError:
            raise NotSetUpError(f"{path}: is not the file of a card") from None
        if len(mapped) != len(PLAN.blank_image()):
            raise NotSetUpError(f"{path}: is not the file of a card")
        yield iccid, Memory(mapped)


def network_plan(part: NetworkPart) -> NetworkPlan:
    """Return the numbers of a network, and what its keys are for: osmo-hlr has no TUAK."""
    algorithm = ALGORITHMS[part.generation]
    if part.hlr is not None and algorithm is Algorithm.TUAK:
        algorithm = Algorithm.MILENAGE
    return NetworkPlan(
        part.plmn,
        part.name,
        part.command_code,
        part.country_code,
        part.identities,
        part.generation,
        algorithm,
    )


def key_folder(deployment: Deployment, name: str) -> Path:
    """Return where a party's keys and certificates are."""
    return deployment.state / "keys" / name


def site_name(part: NetworkPart) -> str:
    """Return what the folder is called with the key that a network's web site shows."""
    return f"{part.plmn}.site"


def database_file(deployment: Deployment, name: str) -> Path:
    """Return where the SQLite database of a node is."""
    return deployment.state / f"{name}.db"


def register_name(part: NetworkPart) -> str:
    """Return what the database of a network's register is called, and the folder with its keys."""
    return f"hlr-{part.plmn}"


def open_store(deployment: Deployment, name: str, metadata: object) -> SqlStore:
    """Open the database of a node: where the deployment says, else SQLite below `state`."""
    deployment.state.mkdir(parents=True, exist_ok=True)
    url = deployment.databases.get(name, f"sqlite:///{database_file(deployment, name)}")
    return SqlStore(metadata, url)  # type: ignore[arg-type]  # MetaData


def server_config(deployment: Deployment) -> ApplicationServerConfig:
    """Return the configuration of the application server, with its secrets.

    Raises:
        NotSetUpError: they are not there.
    """
    plan = deployment.application_server
    return ApplicationServerConfig(
        number=plan.number,
        key_encryption_key=_key_encryption_keys(deployment.state / SERVER),
        accounts={
            part.plmn: EsmeAccount(SYSTEM_ID, esme_password(deployment, part))
            for part in deployment.networks
        },
        asks_for_acknowledgement=plan.asks_for_acknowledgement,
        attempts=plan.attempts,
        resend_after_s=plan.resend_after_s,
        confirmation_wait_s=plan.confirmation_wait_s,
        takeover_s=deployment.takeover_s,
    )


def _key_encryption_keys(folder: Path) -> dict[int, Secret]:
    """Return the keys by version: `key-encryption-key` is the first, `....2` the second."""
    first = folder / KEY_FILE
    later = {
        int(path.suffix[1:]): path
        for path in folder.glob(f"{KEY_FILE}.*")
        if path.suffix[1:].isdecimal()
    }
    paths = later if later and not first.exists() else {1: first, **later}
    return {version: _read_secret(path) for version, path in paths.items()}


def esme_password(deployment: Deployment, part: NetworkPart) -> Secret:
    """Return with what the application server binds to the SMSC of a network (8 characters).

    Raises:
        NotSetUpError: it is not there.
    """
    return Secret(_read_secret(_password_file(deployment, part)).reveal().hex().encode())


def open_server(deployment: Deployment) -> ApplicationServer:
    """Return the application server over its database, joined to nothing.

    Raises:
        NotSetUpError: its key-encryption keys are not there, or not those of its database.
    """
    store = open_store(deployment, SERVER, APPLICATION_SERVER)
    server = ApplicationServer(server_config(deployment), store, Surroundings())
    _demand_keys(server, deployment.state / SERVER)
    return server


def open_register(deployment: Deployment, part: NetworkPart) -> HomeRegister:
    """Return the home register of a network over its database, joined to nothing.

    Where the register is not ours, it is the gateway before it.

    Raises:
        NotSetUpError: its key-encryption keys are not there, or not those of its database.
    """
    plan = network_plan(part)
    config = HomeRegisterConfig(
        part.plmn,
        plan.service_centre,
        plan.numbers,
        takeover_s=deployment.takeover_s,
        algorithm=plan.keys_for,
    )
    folder = deployment.state / register_name(part)
    surroundings = Surroundings()
    vault = Vault(_key_encryption_keys(folder), surroundings.random_octets)
    store = open_store(deployment, register_name(part), HOME_REGISTER)
    make = OsmoGateway if part.hlr else HomeRegister
    register = make(config, store, surroundings, vault)
    _demand_keys(register, folder)
    return register


def _demand_keys(node: ApplicationServer | HomeRegister, folder: Path) -> None:
    try:
        node.demand_keys()
    except UnsealError:
        raise NotSetUpError(
            f"{folder}: {KEY_FILE} does not open the database: put the keys of its time there"
        ) from None


def _make_keys(deployment: Deployment, part: NetworkPart) -> None:
    """Let a network's parties and the application server know each other's certificates.

    Where a gateway stands between, each end knows only the gateway's.
    """
    server = key_folder(deployment, SERVER)
    for interface in (Interface.OPERATOR, Interface.CENTRE):
        name = f"{part.plmn}.{interface}"
        own = key_folder(deployment, name)
        pki.create_folder(own, name)
        outside, inside = own, server
        if part.gateway and interface is Interface.OPERATOR:
            outside = key_folder(deployment, f"gateway-{part.plmn}.outside")
            inside = key_folder(deployment, f"gateway-{part.plmn}.inside")
            pki.create_folder(outside, name)
            pki.create_folder(inside, SERVER)
            pki.pin(outside, f"{SERVER}.{interface}", server / pki.CERTIFICATE)
            pki.pin(inside, name, own / pki.CERTIFICATE)
        pki.pin(own, f"{SERVER}.{interface}", inside / pki.CERTIFICATE)
        if part.agrees:
            pki.pin(server, name, outside / pki.CERTIFICATE)


def _fill_pool(deployment: Deployment, part: NetworkPart) -> None:
    register = open_register(deployment, part)
    there = sum(register.count(state) for state in SubscriberState)
    if there < part.identities:
        register.fill_pool(part.identities - there)


def _password_file(deployment: Deployment, part: NetworkPart) -> Path:
    return deployment.state / "passwords" / f"smsc-{part.plmn}"


def _make_key_encryption_key(folder: Path) -> None:
    """Make the first key, unless there is one, maybe a later."""
    if not any(folder.glob(f"{KEY_FILE}*")):
        _make_secret(folder / KEY_FILE, KEY_OCTETS)


def _make_secret(path: Path, octets: int) -> None:
    if not path.exists():
        _write_secret(path, os.urandom(octets))


def _write_secret(path: Path, octets: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
    except OSError as error:
        raise NotSetUpError(f"{path}: {error.strerror}") from None


def _read_secret(path: Path) -> Secret:
    try:
        return Secret(path.read_bytes())
    except OSError as error:
        raise NotSetUpError(f"{path}: {error.strerror}; run set-up first") from None

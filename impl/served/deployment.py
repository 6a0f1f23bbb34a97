"""The deployment file: who there is and where everybody listens. Secrets stand beside it.

One YAML file is shared by all processes; each reads what concerns it. Keys, certificates, passwords
and databases are below the folder `state`, made by `python -m impl set-up`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from impl.device.registration import Radio
from impl.errors import RefusedError
from impl.messages import Msisdn, Plmn
from impl.runtime.sessions import SERVER
from impl.values import PLMN, Generation

EXAMPLE = Path(__file__).with_name("deployment.example.yaml")


_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, ValueError)
"""What PyYAML raises besides its own: of text that is no UTF-8 or nests too deeply, a number of
5000 digits, a day before the first, values that are not what their tag says (`!!bool maybe`)."""


class DeploymentError(RefusedError):
    """The deployment file cannot be used. Nothing was started."""


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be HOST:PORT")
    return text


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of a checked address; an IPv6 host stands in brackets."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _folder(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("must be the path of a folder")
    return path


Address = Annotated[str, AfterValidator(_address)]
Database = Annotated[str | None, Field(description="URL; SQLite below `state` if absent")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class ServerPlan(_Part):
    """The application server [053]."""

    number: Annotated[Msisdn, Field(description="under which cards send it short messages")]
    listens: Annotated[Address, Field(description="operator messages, HTTPS")]
    monitor: Annotated[Address, Field(description="health and metrics, HTTP")]
    database: Database = None
    asks_for_acknowledgement: bool = False
    attempts: Annotated[int, Field(ge=1)] = 3
    resend_after_s: Annotated[float, Field(gt=0)] = 120.0
    confirmation_wait_s: Annotated[float, Field(gt=0)] = 900.0


class GatewayPlan(_Part):
    """A network entity between the application server and the home register [070]."""

    listens: Annotated[Address, Field(description="for the application server, HTTPS")]
    inside_listens: Annotated[Address, Field(description="for the home register, HTTPS")]
    monitor: Annotated[Address, Field(description="health and metrics, HTTP")]


class RegisterPlan(_Part):
    """An HLR that is not ours, with our gateway before it [070]."""

    kind: Annotated[Literal["osmo"], Field(description="osmo-hlr of Osmocom")]
    gsup: Annotated[Address, Field(description="where it listens for GSUP")]
    control: Annotated[Address, Field(description="where its control interface listens")]


class NetworkPart(_Part):
    """One operator's network."""

    plmn: Plmn
    name: Annotated[str, Field(min_length=1, max_length=20)]
    command_code: Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
    country_code: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")]
    generation: Annotated[Generation, Field(description="how devices attach")] = Generation.UMTS
    t3212: Annotated[
        int,
        Field(ge=0, le=255, description="tenths of an hour between updates of a device; 0: none"),
    ] = 40
    identities: Annotated[int, Field(ge=1, description="in the pool at set-up")] = 1000
    agrees: Annotated[bool, Field(description="on subscription change [059]")] = True
    register_listens: Annotated[Address, Field(description="HLR: operator messages, HTTPS")]
    gsup: Annotated[Address, Field(description="HLR: GSUP over IPA")]
    centre_listens: Annotated[Address, Field(description="customer centre: HTTPS")]
    site: Annotated[Address | None, Field(description="customer centre: web site, HTTPS")] = None
    smpp: Annotated[Address, Field(description="SMSC: SMPP 3.4")]
    register_database: Database = None
    smsc_database: Database = None
    radio: Annotated[Address, Field(description="VLR: devices in reach")]
    monitor: Annotated[Address, Field(description="health and metrics, HTTP")]
    gateway: Annotated[GatewayPlan | None, Field(description="if one stands before it")] = None
    hlr: Annotated[RegisterPlan | None, Field(description="ours if absent")] = None

    @property
    def reached_at(self) -> str:
        """Where the application server speaks to this network's home register."""
        return self.gateway.listens if self.gateway else self.register_listens


class Deployment(_Part):
    """The whole file."""

    state: Annotated[
        Path,
        AfterValidator(_folder),
        Field(description="folder of databases, keys and certificates"),
    ]
    takeover_s: Annotated[
        float,
        Field(gt=0, description="after which a process does what another over its database left"),
    ] = 5.0
    application_server: ServerPlan
    networks: Annotated[tuple[NetworkPart, ...], Field(min_length=1)]

    @property
    def reach(self) -> dict[PLMN, Radio]:
        """Every network with what it broadcasts: what a device hears here."""
        return {part.plmn: Radio(part.generation, part.t3212) for part in self.networks}

    @property
    def databases(self) -> dict[str, str]:
        """URLs of the databases that are not below `state`, by node: `hlr-PLMN`, `smsc-PLMN`."""
        found = {SERVER: self.application_server.database}
        for part in self.networks:
            found |= {f"hlr-{part.plmn}": part.register_database}
            found |= {f"smsc-{part.plmn}": part.smsc_database}
        return {node: url for node, url in found.items() if url is not None}

    def network(self, plmn: str) -> NetworkPart:
        """Return the part of one network.

        Raises:
            DeploymentError: there is none of that PLMN.
        """
        for part in self.networks:
            if part.plmn == plmn:
                return part
        known = ", ".join(part.plmn for part in self.networks)
        raise DeploymentError(f"no network {plmn}: the deployment has {known}")


def read_deployment(path: Path) -> Deployment:
    """Read a file; `state` is taken as beside it.

    Raises:
        DeploymentError: it cannot be read, is no YAML, or a field is missing, unknown or wrong.
    """
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise DeploymentError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, *_UNREADABLE) as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise DeploymentError(f"{path}: is no YAML{line}") from None
    try:
        deployment = Deployment.model_validate(raw)
    except ValidationError as error:
        raise DeploymentError(f"{path}: {_fault(error)}") from None
    _demand_unique(path, deployment)
    return deployment.model_copy(update={"state": path.parent / deployment.state})


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return Deployment.model_json_schema()


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}"


def _demand_unique(path: Path, deployment: Deployment) -> None:
    """Refuse a file in which two listen at one address, share a database or have one PLMN."""
    server = deployment.application_server
    taken = [server.listens, server.monitor]
    for part in deployment.networks:
        taken += [part.register_listens, part.gsup, part.centre_listens]
        taken += [part.smpp, part.radio, part.monitor]
        if part.site:
            taken.append(part.site)
        if part.gateway:
            taken += part.gateway.model_dump().values()
        if part.hlr:
            taken += [part.hlr.gsup, part.hlr.control]
    plmns = [part.plmn for part in deployment.networks]
    for one in (taken, [str(plmn) for plmn in plmns]):
        doubled = sorted({each for each in one if one.count(each) > 1})
        if doubled:
            raise DeploymentError(f"{path}: {doubled[0]} stands there twice")
    urls = list(deployment.databases.values())
    if len(set(urls)) < len(urls):  # a URL may hold a password: it is not told
        raise DeploymentError(f"{path}: the URL of a database stands there twice")

import jsonschema
import pytest
import yaml

from impl.served.deployment import (
    EXAMPLE,
    DeploymentError,
    read_deployment,
    schema,
    split_address,
)


@pytest.fixture
def written(tmp_path):
    """Write the example, changed by a test, and read it."""

    def read(change=len):
        plan = yaml.safe_load(EXAMPLE.read_text("utf-8"))
        change(plan)
        file = tmp_path / "deployment.yaml"
        file.write_text(yaml.safe_dump(plan), "utf-8")
        return read_deployment(file)

    return read


def test_the_example_is_read(written, tmp_path):
    deployment = written()
    assert deployment.state == tmp_path / "state"
    assert [one.plmn for one in deployment.networks] == ["20801", "26202"]
    assert deployment.network("26202").name == "Zweites Netz"


def test_the_schema_takes_the_example_and_no_unknown_field():
    plan = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    jsonschema.validate(plan, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plan | {"port": 1}, schema())


def test_a_network_that_is_not_there_is_named_with_those_that_are(written):
    with pytest.raises(DeploymentError, match=r"no network 99999: .* 20801, 26202"):
        written().network("99999")


CHANGES = {
    "port: Extra": lambda plan: plan.update(port=1),
    "state: Field required": lambda plan: plan.pop("state"),
    "state: .*path of a folder": lambda plan: plan.update(state="a\0b"),
    "networks: Tuple": lambda plan: plan.update(networks=[]),
    r"networks\.0\.plmn": lambda plan: plan["networks"][0].update(plmn="2080"),
    r"networks\.1\.smpp: .*HOST:PORT": lambda plan: plan["networks"][1].update(smpp="2775"),
    r"application_server\.attempts": lambda plan: plan["application_server"].update(attempts=0),
    "127.0.0.1:12775 stands there twice": lambda plan: plan["networks"][1].update(
        smpp="127.0.0.1:12775"
    ),
    r"networks\.0\.site: .*HOST:PORT": lambda plan: plan["networks"][0].update(site="https://x"),
    "127.0.0.1:17644 stands there twice": lambda plan: plan["networks"][1].update(
        site="127.0.0.1:17644"
    ),
    "20801 stands there twice": lambda plan: plan["networks"][1].update(plmn="20801"),
    "deployment.yaml: the URL of a database stands there twice$": lambda plan: plan["networks"][
        0
    ].update(
        register_database="postgresql://u:hush@/one", smsc_database="postgresql://u:hush@/one"
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_wrong_file_is_refused_by_field(written, what):
    with pytest.raises(DeploymentError, match=what):
        written(CHANGES[what])


@pytest.mark.parametrize(
    ("text", "why"),
    [("a: [", "is no YAML in line 1"), ("", "Input should be"), ("- 1", "Input should be")],
)
def test_what_is_no_deployment_is_refused(tmp_path, text, why):
    file = tmp_path / "deployment.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(DeploymentError, match=why):
        read_deployment(file)


def test_each_node_may_have_its_database_elsewhere(written):
    def change(plan):
        plan["application_server"].update(database="postgresql:///as")
        plan["networks"][1].update(register_database="postgresql:///hlr", smsc_database=None)

    assert written(change).databases == {
        "application-server": "postgresql:///as",
        "hlr-26202": "postgresql:///hlr",
    }
    assert written().databases == {}


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DeploymentError, match="No such file"):
        read_deployment(tmp_path / "deployment.yaml")


def test_an_address_is_split():
    assert split_address("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_address("[::1]:80") == ("::1", 80)


FOREIGN = {"kind": "osmo", "gsup": "127.0.0.2:4222", "control": "127.0.0.2:4259"}


def test_a_network_may_have_a_register_that_is_not_ours(written):
    deployment = written(lambda plan: plan["networks"][1].update(hlr=FOREIGN))
    assert deployment.networks[0].hlr is None
    assert deployment.networks[1].hlr.model_dump() == FOREIGN


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "other"}, "'osmo'"),
        ({"control": "127.0.0.2"}, "HOST:PORT"),
        ({"control": FOREIGN["gsup"]}, "stands there twice"),
    ],
)
def test_a_register_that_cannot_be_reached_is_refused(written, change, why):
    with pytest.raises(DeploymentError, match=why):
        written(lambda plan: plan["networks"][1].update(hlr=FOREIGN | change))

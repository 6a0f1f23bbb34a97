from impl.served.deployment import read_deployment
from impl.served.local import deployment_text


def test_addresses_are_free_and_different(tmp_path):
    file = tmp_path / "deployment.yaml"
    file.write_text(deployment_text(), "utf-8")
    assert len(read_deployment(file).networks) == 2

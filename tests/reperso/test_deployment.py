"""`reperso init-deployment` writes a deployment that can be read, and overwrites nothing."""

from impl.served.deployment import read_deployment
from reperso.errors import ExitCode


def test_the_file_is_a_deployment_and_says_how_to_go_on(reperso, suite):
    done = reperso("init-deployment", "my parties.yaml")
    assert done.code == ExitCode.EXPECTED
    assert done.out == (
        "written: my parties.yaml\nnow: python -m impl set-up -d 'my parties.yaml'\n"
    )
    assert len(read_deployment(suite.path / "my parties.yaml").networks) > 1


def test_what_is_there_already_stays_as_it_is(reperso, suite):
    (suite.path / "deployment.yaml").write_text("mine")
    done = reperso("init-deployment")
    assert done.code == ExitCode.USAGE
    assert done.err == "reperso: deployment.yaml: is there already, and stays as it is\n"
    assert (suite.path / "deployment.yaml").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_one_clear_line(reperso):
    done = reperso("init-deployment", "nowhere/deployment.yaml")
    assert done.code == ExitCode.USAGE
    assert done.err == "reperso: nowhere/deployment.yaml: No such file or directory\n"

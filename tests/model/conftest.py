import pytest
import yaml

from model.explore import Exploration, explore
from model.system import Composition, compose
from model.table import Option


@pytest.fixture(scope="session")
def obligations(pytestconfig: pytest.Config) -> frozenset[str]:
    text = (pytestconfig.rootpath / "features" / "obligations.yaml").read_text()
    return frozenset(one["id"] for group in yaml.safe_load(text).values() for one in group)


@pytest.fixture(scope="session")
def compositions() -> dict[tuple[Option, Option], Composition]:
    return {
        (variant, asking): compose(variant, asking)
        for variant in (Option.HARDENED, Option.LITERAL)
        for asking in (Option.ACKNOWLEDGED, Option.UNACKNOWLEDGED)
    }


@pytest.fixture(scope="session")
def explorations(
    compositions: dict[tuple[Option, Option], Composition],
) -> dict[tuple[Option, Option], Exploration]:
    return {options: explore(composition) for options, composition in compositions.items()}

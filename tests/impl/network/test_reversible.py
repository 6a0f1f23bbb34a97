import pytest

from impl.network.reversible import Reversible


@pytest.fixture
def memory():
    made = Reversible()
    made.update(one=1, two=2)
    made.keep()
    return made


CHANGES = {
    "put": lambda memory: memory.update(three=3),
    "replaced twice": lambda memory: memory.update(one=5) or memory.update(one=6),
    "removed": lambda memory: memory.pop("one"),
    "removed and put": lambda memory: memory.update(one=memory.pop("one") + 1),
    "put and removed": lambda memory: memory.update(three=3) or memory.pop("three"),
    "emptied": lambda memory: memory.clear(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_as_it_was_kept_or_stays_changed(memory, change):
    CHANGES[change](memory)
    memory.undo()
    assert memory == {"one": 1, "two": 2}
    CHANGES[change](memory)
    changed = dict(memory)
    memory.keep()
    memory.undo()
    assert memory == changed


def test_what_is_not_there_cannot_be_removed(memory):
    with pytest.raises(KeyError):
        del memory["three"]
    memory.undo()
    assert memory == {"one": 1, "two": 2}

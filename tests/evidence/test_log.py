"""The log of the service: heads of very many recordings fit, also through a holder of keys; nothing is said twice."""

from pathlib import Path
from uuid import UUID

from alerts.evidence import checking, journal, keys
from alerts.evidence.log import Log
from tests.evidence.scenes import NIGHT, Telephone
from tests.evidence.test_keys import held

MANY = {str(UUID(int=number)): (number + 1, f"{number:064x}") for number in range(730)}


def test_heads_of_very_many_recordings_are_noted_and_none_twice(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    with held(tmp_path) as holder:
        log = Log(tmp_path, holder)
        assert log.note(MANY, now=NIGHT) is not None
        assert log.note(MANY, now=NIGHT) is None
        moved = {str(UUID(int=7)): (9, "f" * 64)}
        log.note({**MANY, **moved}, now=NIGHT)

    noted = [line.facts["of"] for line in journal.read(log.path)]
    assert [len(one) for one in noted] == [100] * 7 + [30, 1]
    assert list(checking.log(log.path, {})) == []
    assert checking.heads(log.path)[str(UUID(int=7))] == [(8, f"{7:064x}"), (9, "f" * 64)]


def test_another_process_knows_what_was_noted(tmp_path: Path) -> None:
    telephone = Telephone(tmp_path)
    telephone.log.note(MANY, now=NIGHT)

    assert Log(tmp_path, telephone.keys).note(MANY, now=NIGHT) is None

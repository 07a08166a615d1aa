"""Pictures on the disk: bounded, whole or not at all, and gone after a month."""

import stat
from pathlib import Path

from responders.tiles import Address, Store
from responders.tiles.store import ABSENT_SECONDS, FRESH_SECONDS, KEPT_SECONDS

NOON = 1_800_000_000.0
HERE = Address(14, 8320, 5600)


def test_a_picture_is_fresh_for_a_week_and_kept_for_a_month(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(HERE, b"picture", now=NOON)

    ages = (0, FRESH_SECONDS - 1, FRESH_SECONDS, KEPT_SECONDS - 1, KEPT_SECONDS)
    found = [store.get(HERE, now=NOON + age) for age in ages]
    assert [kept and (kept.picture, kept.is_fresh) for kept in found] == [
        (b"picture", True), (b"picture", True), (b"picture", False), (b"picture", False), None,
    ]  # fmt: skip


def test_that_there_is_none_is_believed_for_a_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get(HERE, now=NOON) is None
    store.put(HERE, b"", now=NOON)
    later = (store.get(HERE, now=NOON + age) for age in (ABSENT_SECONDS - 1, ABSENT_SECONDS))
    assert [kept and kept.is_fresh for kept in later] == [True, False]


def test_the_folder_never_grows_beyond_its_bound_and_loses_the_oldest_first(tmp_path: Path) -> None:
    store = Store(tmp_path, most_bytes=1_000_000)
    for number in range(150):
        store.put(Address(16, number, 1), bytes(10_000), now=NOON + number)
        assert _bytes(tmp_path) <= 1_060_000

    assert store.get(Address(16, 0, 1), now=NOON + 150) is None
    assert store.get(Address(16, 149, 1), now=NOON + 150)
    assert _bytes(tmp_path) > 500_000


def test_what_lay_there_before_a_restart_counts(tmp_path: Path) -> None:
    for number in range(100):
        Store(tmp_path).put(Address(16, number, 1), bytes(10_000), now=NOON + number)
    Store(tmp_path, most_bytes=200_000).put(HERE, b"picture", now=NOON + 100)
    assert _bytes(tmp_path) <= 200_000


def test_after_a_month_nothing_tells_where_somebody_was_looked_for(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(10):
        store.put(Address(16, number, 1), b"picture", now=NOON)
    store.sweep(now=NOON + KEPT_SECONDS + 1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_only_the_service_s_own_user_reads_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "tiles")
    store.put(HERE, b"picture", now=NOON)
    (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_disk_without_room_keeps_nothing_and_harms_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path, least_free_bytes=1 << 62)
    store.put(HERE, b"picture", now=NOON)
    assert store.get(HERE, now=NOON) is None


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "tiles").write_text("a file where a folder should be")
    store = Store(tmp_path / "tiles")
    store.put(HERE, b"picture", now=NOON)
    assert store.get(HERE, now=NOON) is None


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

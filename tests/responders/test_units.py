"""Which police answers for her commune: the State's files, whatever they look like, all of them or nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from responders.domain import unitfiles, units
from responders.domain.unitfiles import Competence
from responders.models import Territory, Unit
from responders.states import Force

SAMPLE = Path(__file__).parent / "units"
FILES = [str(SAMPLE / name) for name in ("police.csv", "competences.csv", "gendarmerie.csv")]

pytestmark = pytest.mark.django_db


def imported(*files: str, **options: bool) -> str:
    """What the command prints."""
    printed = StringIO()
    call_command("import_units", *files, stdout=printed, **options)
    return printed.getvalue()


def changed(name: str, path: Path, *, encoding: str = "utf-8", was: str = "", becomes: str = "") -> str:
    """A file of the sample, written anew."""
    text = (SAMPLE / name).read_text(encoding="utf-8").replace(was, becomes)
    (path / name).write_text(text, encoding=encoding)
    return str(path / name)


def test_the_command_says_what_it_read_and_wrote() -> None:
    printed = imported(*FILES)

    assert "competences.csv: 8 communes, 0 lines not understood" in printed
    assert "gendarmerie.csv: 2 desks, 0 lines not understood" in printed
    assert "7 communes, 6 units, 4 of them with a telephone number; 1 repeated lines" in printed


@pytest.mark.parametrize(
    ("insee", "name", "address", "number"),
    [
        ("60159", "CPN Compiègne", "3 place inventée 60200 COMPIEGNE", "+33199006001"),  # by the place in its name
        ("60665", "CPN Compiègne", "3 place inventée 60200 COMPIEGNE", "+33199006001"),
        ("60471", "COB NOYON", "1 rue inventée 60400 NOYON", "+33199005501"),  # by its number, zeros or not
        ("2A004", "CPN Ajaccio", "4 cours inventé 20000 AJACCIO", "+33199002001"),
        ("97411", "CPN Saint-Denis", "5 rue inventée 97400 SAINT DENIS", "+33199009701"),
        ("01053", "CPN Bourg-en-Bresse", "7 rue inventée 01000 BOURG EN BRESSE", ""),  # a number that is none
        ("75112", "Préfecture de police", "", ""),  # an arrondissement is its city's
    ],
)
def test_a_commune_has_its_unit(insee: str, name: str, address: str, number: str) -> None:
    imported(*FILES)

    unit = units.unit_of(insee)

    assert unit is not None
    assert (unit.name, unit.address, unit.phone_number) == (name, address, number)


def test_without_the_files_or_outside_them_there_is_no_unit() -> None:
    assert units.unit_of("60159") is None
    imported(*FILES)
    assert units.unit_of("29232") is None
    assert units.unit_of("") is None


def test_positions_are_read_with_points_and_commas() -> None:
    imported(*FILES)

    places = {unit.name: (unit.latitude, unit.longitude) for unit in Unit.objects.all()}
    assert places["CPN Compiègne"] == (49.4179, 2.8261)
    assert places["Préfecture de police"] == (None, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_any_encoding_and_separator_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    path = changed("competences.csv", tmp_path, encoding=encoding, was=";", becomes=separator)

    found = unitfiles.read(Path(path))

    assert found.competences[0] == Competence(insee="60159", force=Force.POLICE, code="60001", name="CPN Compiègne")


def test_a_file_without_its_columns_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    path = changed("competences.csv", tmp_path, was='"code_commune"', becomes='"Code de la ville"')

    with pytest.raises(CommandError, match=r"no column code_commune or .*Found: code_de_la_ville, libelle_commune"):
        imported(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a;b\n1;2\n", "neither the file of competences .* Found: a, b"),
        ("", "Found: no columns"),
        ("code_commune;institution;service\n60159;XX;?\n", "1 of 1 lines cannot be understood"),
        ("<html><body>Maintenance</body></html>", "neither the file"),
    ],
)
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=says):
        imported(str(path))


def test_lists_of_desks_alone_are_not_enough() -> None:
    with pytest.raises(CommandError, match="file of competences is missing: https"):
        imported(FILES[0])


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.csv cannot be read: No such file"):
        imported(str(tmp_path / "absent.csv"))


def test_a_bad_file_among_good_ones_changes_nothing(tmp_path: Path) -> None:
    imported(*FILES)
    bad = changed("competences.csv", tmp_path, was=";", becomes=" ")

    with pytest.raises(CommandError):
        imported(FILES[0], bad)

    assert Territory.objects.count() == 7
    assert units.unit_of("60159") is not None


def test_a_file_cut_short_changes_nothing_unless_it_is_meant(tmp_path: Path) -> None:
    imported(*FILES)
    short = tmp_path / "competences.csv"
    short.write_text("\n".join(Path(FILES[1]).read_text(encoding="utf-8").splitlines()[:3]), encoding="utf-8")

    with pytest.raises(CommandError, match="2 communes, 7 were known"):
        imported(str(short))
    assert Territory.objects.count() == 7

    imported(str(short), smaller=True)
    assert Territory.objects.count() == 2


def test_importing_again_leaves_one_of_each() -> None:
    for _ in range(2):
        imported(*FILES)

    assert (Territory.objects.count(), Unit.objects.count()) == (7, 6)


def test_a_changed_number_is_taken_over_and_what_is_gone_is_gone(tmp_path: Path) -> None:
    imported(*FILES)
    kept = units.unit_of("60159")
    moved = changed("police.csv", tmp_path, was="01 99 00 60 01", becomes="01 99 00 60 99")
    text = (
        Path(FILES[1]).read_text(encoding="utf-8").replace('"GN";"0005501";"COB NOYON"', '"PN";"60001";"CPN Compiègne"')
    )
    (tmp_path / "competences.csv").write_text(text, encoding="utf-8")

    imported(moved, str(tmp_path / "competences.csv"))

    unit = units.unit_of("60159")
    assert unit is not None
    assert kept is not None
    assert (unit.pk, unit.phone_number) == (kept.pk, "+33199006099")
    assert units.unit_of("60471") == unit
    assert not Unit.objects.filter(name="COB NOYON").exists()

"""The catalogues: complete, sure, with the fields of the English, and shipped as they are."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from appwatch.alerts.language import CATALOGUES, ENGLISH, Plural, speaking
from appwatch.watchlist import LANGUAGES
from tools import catalogues

TRANSLATED = [code for code in LANGUAGES if code != ENGLISH]


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return catalogues.extracted()


def test_every_language_has_a_catalogue_and_no_other() -> None:
    assert sorted(path.stem for path in CATALOGUES.glob("*")) == sorted(TRANSLATED)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_is_complete_and_sure(code: str, wanted: Catalog) -> None:
    found = catalogues.read(CATALOGUES / f"{code}.po")
    assert list(catalogues.problems(found, wanted)) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_text_says_that_somebody_removed_an_app(code: str) -> None:
    said = [str(message.string).lower() for message in catalogues.read(CATALOGUES / f"{code}.po")]
    agents = (
        "下架",
        "删除",
        "移除",
        "封禁",
        "retirada por",
        "eliminad",
        "prohibid",
        "censur",
        "supprim",
        "retirée par",
        "interdit",
        "bannie",
    )
    assert [line for line in said for word in agents if word in line] == []


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (None, "is missing"),
        ("", "is not translated, or not in every form"),
        ("sans champ", "has other fields in its translation 'sans champ'"),
        ("{apps} a disparu de {where}", "has other fields"),
        ("{app} a disparu de {where", "has other fields"),
        ("{app} a disparu de {where} {", "has other fields"),
    ],
)
def test_a_gap_or_a_slip_in_a_catalogue_is_found(told: str | None, problem: str) -> None:
    wanted, found = Catalog(), Catalog(locale="fr")
    wanted.add("{app} disappeared from {where}")
    if told is not None:
        found.add("{app} disappeared from {where}", told)
    [said] = catalogues.problems(found, wanted)
    assert said.startswith("'{app} disappeared from {where}'")
    assert problem in said


def test_what_is_unsure_or_said_nowhere_or_lacks_a_form_is_found() -> None:
    wanted, found = Catalog(), Catalog(locale="fr")
    wanted.add("When")
    wanted.add(("{count} look", "{count} looks"))
    found.add("When", "Quand", flags=["fuzzy"])
    found.add(("{count} look", "{count} looks"), ("{count} relevé",))
    found.add("Once", "Jadis")
    assert [problem.split("' ")[1] for problem in catalogues.problems(found, wanted)] == [
        "is marked as unsure",
        "is not translated, or not in every form",
        "is said nowhere",
    ]


def test_new_messages_enter_a_catalogue_and_old_ones_leave_it(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    path.write_bytes((CATALOGUES / "fr.po").read_bytes())
    wanted = Catalog()
    wanted.add("When")
    wanted.add("A new sentence.")
    catalogues.renew(path, wanted)
    renewed = catalogues.read(path)
    assert {str(message.id): message.string for message in renewed if message.id} == {
        "When": "Quand",
        "A new sentence.": "",
    }


@pytest.mark.parametrize("code", TRANSLATED)
def test_numbers_take_the_form_of_the_language(code: str) -> None:
    app = Plural("and {count} more app", "and {count} more apps")
    forms = {speaking(code).count(app, number).replace(str(number), "n") for number in (1, 2, 5)}
    assert len(forms) == (1 if code == "zh-Hans" else 2)


def test_a_field_is_put_in_as_it_is() -> None:
    told = speaking("fr").say("{app} disappeared from {where}", app="{where} %s {0}", where="{app}")
    assert told == "{where} %s {0} a disparu de {app}"

"""Looks that fail together put the instrument in doubt; one that fails alone puts nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from appwatch.domain.instrument import (
    NONSENSE_FOUND,
    Failing,
    FaultKind,
    Trouble,
    by_health,
    finds_nonsense,
    is_lost,
    judge,
    says,
)
from appwatch.domain.model import Observation, Outcome, Place, Reason

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CN, JP, US = (Place("app_store", code) for code in ("cn", "jp", "us"))
PLAY = Place("google_play", "us")
WATCHED = {CN: 10, JP: 10, US: 10, PLAY: 10}


def failing(place: Place, targets: int, reason: Reason, rule: str = "") -> Failing:
    return Failing(place, "local", rule or f"any.{reason.value}", reason, targets)


def found(*failed: Failing, lasting: tuple[str, ...] = ()) -> list[tuple[str, str, int]]:
    """Return the troubles as kind, place and number of failing targets."""
    return [
        (t.kind.value, "/".join(p for p in (t.store, t.storefront) if p), t.failing)
        for t in judge(failed, WATCHED, lasting)
    ]


def test_a_few_pages_that_cannot_be_read_are_no_fault() -> None:
    assert found(failing(CN, 2, Reason.LAYOUT_UNKNOWN), failing(US, 2, Reason.BAD_ANSWER)) == []
    assert found(failing(CN, 3, Reason.LAYOUT_UNKNOWN)) == []


def test_one_rule_that_reads_nothing_in_a_storefront_is_a_fault_there() -> None:
    assert found(failing(CN, 4, Reason.LAYOUT_UNKNOWN)) == [("parser", "app_store/cn", 4)]


def test_one_rule_that_reads_nothing_anywhere_is_one_fault_of_the_store() -> None:
    struck = [failing(place, 5, Reason.LAYOUT_UNKNOWN) for place in (CN, JP, US)]
    assert found(*struck) == [("parser", "app_store", 15)]


def test_two_rules_are_two_faults_but_an_endpoint_fails_in_many_ways() -> None:
    one, two = (failing(CN, 4, Reason.BAD_ANSWER, rule) for rule in ("one", "two"))
    assert len(found(one, two)) == 2
    struck = failing(CN, 2, Reason.TIMEOUT), failing(CN, 3, Reason.SERVER_ERROR)
    assert found(*struck) == [("endpoint", "app_store/cn", 5)]


def test_several_stores_that_cannot_be_reached_put_the_vantage_in_doubt() -> None:
    struck = [failing(place, 9, Reason.NETWORK) for place in WATCHED]
    assert found(*struck) == [("vantage", "", 36)]


def test_a_single_absence_without_its_control_makes_a_storefront_sick() -> None:
    assert found(failing(JP, 1, Reason.CONTROL_FAILED)) == [("controls", "app_store/jp", 1)]


def test_an_app_that_cannot_exist_outweighs_every_share() -> None:
    struck = failing(PLAY, 1, Reason.CONTROL_FAILED, NONSENSE_FOUND.id)
    assert found(struck) == [("nonsense", "google_play/us", 1)]


def test_what_is_open_lasts_until_clearly_less_fails() -> None:
    (trouble,) = judge([failing(CN, 4, Reason.BLOCKED)], WATCHED)
    lasting = (trouble.key,)
    assert found(failing(CN, 2, Reason.BLOCKED), lasting=lasting)
    assert found(failing(CN, 1, Reason.BLOCKED), lasting=lasting) == []


def test_trouble_of_a_share_of_several_stores_is_not_told_as_of_everything() -> None:
    trouble = Trouble(FaultKind.VANTAGE, None, None, "paris", "any.5xx", Reason.BLOCKED, 12, 21)
    told = "Several stores fail as seen from paris: 12 of 21 targets (any.5xx, blocked)."
    assert says(trouble) == told


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_one_sentence_that_names_its_place(kind: FaultKind) -> None:
    store = None if kind is FaultKind.VANTAGE else "app_store"
    said = says(Trouble(kind, store, "jp", "paris", "a.rule", Reason.BLOCKED, 3, 9))
    assert said.endswith(".")
    assert "a.rule" in said
    assert "app_store/jp" in said or "paris" in said


@pytest.mark.parametrize(
    ("outcome", "reason", "is_found"),
    [
        (Outcome.NOT_FOUND, None, False),
        (Outcome.AVAILABLE, None, True),
        (Outcome.NOT_INSTALLABLE, None, True),
        (Outcome.INCONCLUSIVE, Reason.LAYOUT_UNKNOWN, True),
        (Outcome.INCONCLUSIVE, Reason.WRONG_APP, True),
        (Outcome.INCONCLUSIVE, Reason.BLOCKED, False),
        (Outcome.INCONCLUSIVE, Reason.CONTROL_FAILED, False),
    ],
)
def test_a_page_for_an_app_that_cannot_exist_is_a_find(
    outcome: Outcome, reason: Reason | None, is_found: bool
) -> None:
    assert finds_nonsense(Observation("x", "us", outcome, "rule", AT, reason)) is is_found


def test_a_control_is_lost_once_it_is_missed_as_an_app_that_is_gone() -> None:
    later = AT + timedelta(minutes=30)
    assert is_lost(3, AT, later)
    assert not is_lost(2, AT, later)
    assert not is_lost(3, AT, later - timedelta(seconds=1))
    assert not is_lost(0, None, later)


def test_lost_controls_are_asked_last() -> None:
    assert by_health(["a", "b", "c"], {"a"}) == ["b", "c", "a"]

"""Incidents by the command line: observed and claimed stay apart; what was wrong is taken back."""

import json
from datetime import timedelta

import pytest

from appwatch.simulator import Receiver, World
from tests.cli.conftest import WATCHLIST, Clock, Office

HERE = ("--store", "app_store", "--storefront", "cn")
SOURCE = "https://example.org/story"
SCOPE = "Scope when China (cn) was confirmed:"


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def gone(office: Office, world: World, clock: Clock) -> Office:
    """Return an office in which Jike has left the App Store in China."""
    office.call("check", *HERE)
    world.remove("app_store", "966129812", ["cn"])
    for _ in range(2):
        clock.moment += timedelta(minutes=5)
        office.call("check", *HERE)
    return office


def incident_of(office: Office) -> dict[str, object]:
    (incident,) = lines(office.call("incidents", "list").stdout)
    return incident


def change_of(office: Office) -> str:
    (change,) = lines(office.call("changes").stdout)
    return str(change["id"])


def test_list_shows_what_belongs_together(gone: Office) -> None:
    incident = incident_of(gone)
    assert incident["apps"] == ["jike"]
    assert (incident["kinds"], incident["storefronts"]) == (["disappeared"], ["cn"])
    assert (incident["changes"], incident["claims"], incident["hold"]) == (1, 0, None)
    assert incident["first_change_at"] == incident["last_change_at"]
    assert gone.call("incidents", "list", "--since", "2027-01-01").stdout == ""


def test_claims_stand_apart_from_what_was_observed(gone: Office) -> None:
    incident = str(incident_of(gone)["id"])
    text = "A regulator says that it ordered the removal."
    claimed = gone.call("incidents", "claim", incident, text, "--source", SOURCE, "--by", "desk")
    assert claimed.exit_code == 0
    shown = gone.call("incidents", "show", incident).stdout
    observed, claims = shown.split("Claimed by others (not observed)")
    assert "\nReach: storefront.\n" in observed
    assert f"即刻, disappeared: {SCOPE} Gone from cn. Still listed in" in observed
    assert text not in observed
    assert "即刻, disappeared, app_store/cn" in observed
    assert text in claims
    assert SOURCE in claims
    assert "added by desk, 2026-07-06" in claims
    assert incident_of(gone)["claims"] == 1


def test_around_many_apps_of_a_hold_each_is_told_its_own_scope(
    office: Office, world: World, clock: Clock
) -> None:
    office.write(f"hold: {{at_least: 2}}\n{WATCHLIST}")
    office.call("check", "--store", "app_store")
    world.remove("app_store", "1080840241", ["cn", "us"])
    world.remove("app_store", "966129812", ["cn"])
    for _ in range(3):
        clock.moment += timedelta(minutes=5)
        office.call("check", "--store", "app_store")
    shown = office.call("incidents", "show", str(incident_of(office)["id"])).stdout
    assert "It came out of the hold" in shown
    castro = [line for line in shown.splitlines() if "Castro, disappeared: Scope when " in line]
    assert [line.partition(": Gone from ")[2][:10] for line in castro] == ["cn and us."]
    assert f"即刻, disappeared: {SCOPE} Gone from cn. Still listed in" in shown


def test_an_incident_is_told_as_a_text_to_paste(gone: Office) -> None:
    incident = str(incident_of(gone)["id"])
    gone.call("incidents", "claim", incident, "It was ordered.", "--source", SOURCE)
    text = gone.call("incidents", "text", incident).stdout
    assert text.splitlines()[0].endswith("即刻 disappeared from the App Store in China (cn)")
    assert f"- It was ordered.\nSource: {SOURCE}\n" in text
    assert text.splitlines()[-1] == f"appwatch: {change_of(gone)}"
    french = gone.call("incidents", "text", incident, "--language", "fr").stdout
    assert "即刻 a disparu de l’App Store (Chine, cn)" in french.splitlines()[0]


def test_a_text_of_no_incident_or_in_no_language_is_refused(gone: Office) -> None:
    incident = str(incident_of(gone)["id"])
    none = gone.call("incidents", "text", "i-none")
    assert (none.exit_code, none.stdout) == (2, "")
    assert f"There is no incident 'i-none'; the newest: {incident}." in none.stderr
    other = gone.call("incidents", "text", incident, "--language", "de")
    assert (other.exit_code, other.stdout) == (2, "")
    assert "'de'" in other.stderr


@pytest.mark.parametrize(
    "source", ["", "a friend", "example.org/story", "ftp://example.org", "javascript:x", "https://"]
)
def test_a_claim_needs_a_source_that_can_be_read(gone: Office, source: str) -> None:
    incident = str(incident_of(gone)["id"])
    result = gone.call("incidents", "claim", incident, "It was ordered.", "--source", source)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is no web address; a claim needs one that can be read" in result.stderr
    assert incident_of(gone)["claims"] == 0


def test_a_claim_without_source_or_text_is_refused(gone: Office) -> None:
    incident = str(incident_of(gone)["id"])
    without = gone.call("incidents", "claim", incident, "It was ordered.")
    empty = gone.call("incidents", "claim", incident, " \n", "--source", SOURCE)
    endless = gone.call("incidents", "claim", incident, "x" * 3000, "--source", SOURCE)
    assert (without.exit_code, empty.exit_code, endless.exit_code) == (2, 2, 2)
    assert "--source" in without.stderr
    assert "A claim needs a text" in empty.stderr
    assert "at most 2000 characters" in endless.stderr


@pytest.mark.parametrize("command", ["show", "claim"])
def test_an_incident_that_is_none_is_told_with_the_newest(gone: Office, command: str) -> None:
    more = ["text", "--source", SOURCE] if command == "claim" else []
    result = gone.call("incidents", command, "i-none", *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"no incident 'i-none'; the newest: {incident_of(gone)['id']}." in result.stderr


def test_what_was_not_told_yet_is_told_as_retracted_and_no_more(
    gone: Office, newsroom: Receiver, world: World, clock: Clock
) -> None:
    change = change_of(gone)
    result = gone.call("incidents", "retract", change, "--why", "Our proxy lied.")
    assert "Will be told" not in result.stdout
    waits = "Not told yet; the alert that waits there says that it was retracted: newsroom."
    assert waits in result.stdout
    world.restore("app_store", "966129812", ["cn"])
    clock.moment += timedelta(hours=1)
    gone.call("check", "--send")
    (told,) = [one.title for one in newsroom.messages if "watching" not in one.title]
    assert told.startswith("Retracted as wrong: 即刻 disappeared")


def test_a_retraction_says_who_will_be_told_and_stays_on_record(gone: Office, clock: Clock) -> None:
    change = change_of(gone)
    clock.moment += timedelta(hours=1)
    gone.call("check", "--send")
    result = gone.call("incidents", "retract", change, "--why", "Our proxy lied.", "--by", "desk")
    assert result.exit_code == 0
    assert f"{change}: retracted (即刻, disappeared, app_store/cn)." in result.stdout
    assert "Will be told, by `appwatch run` or `check --send`: newsroom." in result.stdout
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    shown = gone.call("incidents", "show", str(incident_of(gone)["id"])).stdout
    assert "RETRACTED by desk, 2026-07-06" in shown
    assert "Our proxy lied." in shown
    assert incident_of(gone)["retracted"] == 1
    (listed,) = lines(gone.call("changes").stdout)
    assert str(listed["retracted_at"]).startswith(f"{clock.moment:%Y-%m-%dT%H:%M:%S}")
    assert (
        gone.call("changes", "--format", "table").stdout.rstrip().endswith(f"{clock.moment:%H:%M}")
    )


def test_a_retraction_that_cannot_be_is_told_and_changes_nothing(gone: Office) -> None:
    change = change_of(gone)
    empty = gone.call("incidents", "retract", change, "--why", " ")
    none = gone.call("incidents", "retract", "c-none", "--why", "wrong")
    assert (empty.exit_code, none.exit_code) == (2, 2)
    assert "--why is empty" in empty.stderr
    assert "There is no change 'c-none'" in none.stderr
    gone.call("incidents", "retract", change, "--why", "wrong")
    again = gone.call("incidents", "retract", change, "--why", "wrong")
    assert again.exit_code == 2
    assert "was retracted already" in again.stderr

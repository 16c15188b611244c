"""Kept answers read again by the rules of today: what is shown, and what is retracted."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from appwatch.db.tables import deliveries, exchanges
from appwatch.simulator import APP_STORE, GOOGLE_PLAY, World
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.evidence.conftest import HERE, JIKE, change_of, lines


def test_the_same_rules_read_the_same(gone: Office) -> None:
    result = gone.call("evidence", "reread", "--since", "1d")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 looks of 1 change; otherwise 0, cannot be read again 0." in result.stderr


@pytest.mark.parametrize("store", [APP_STORE, GOOGLE_PLAY])
def test_what_left_and_returned_reads_the_same_again(
    office: Office, world: World, clock: Clock, store: str
) -> None:
    listing = JIKE if store == APP_STORE else "com.ruguoapp.jike"
    office.call("check", "--store", store)
    for change in (world.remove, world.restore):
        change(store, listing)
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", "--store", store)
    found = lines(
        office.call("changes", "--storefront", "cn" if store == APP_STORE else "hk").stdout
    )
    assert [change["kind"] for change in found] == ["returned", "disappeared"]
    result = office.call("evidence", "reread")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "otherwise 0, cannot be read again 0." in result.stderr


def misread(office: Office) -> None:
    """Let the first look rest on an answer that today's rules do not take for one."""
    with office.services() as services:
        body = services.evidence.keep(gzip.compress(b"{}", mtime=0))
        with services.database.write() as connection:
            first = select(exchanges.c.id).where(exchanges.c.surface == "lookup").limit(1)
            changed = {"body": body, "headers": [["Content-Encoding", "gzip"]]}
            wanted = exchanges.c.id == first.scalar_subquery()
            connection.execute(update(exchanges).where(wanted).values(**changed))


def test_what_reads_otherwise_is_shown_and_nothing_is_changed(gone: Office) -> None:
    misread(gone)
    result = gone.call("evidence", "reread")
    (row,) = lines(result.stdout)
    assert result.exit_code == 1
    assert (row["change"], row["then"], row["now"]) == (
        change_of(gone), "not_found", "inconclusive",
    )  # fmt: skip
    assert f"Nothing was changed; --apply would retract: {row['change']}." in result.stderr
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "gone"


def test_apply_retracts_what_no_longer_reads_as_absent(gone: Office) -> None:
    misread(gone)
    result = gone.call("evidence", "reread", "--apply", "--by", "editor")
    assert result.exit_code == 1
    assert "retracted (即刻, disappeared, app_store/cn)" in result.stderr
    assert "says that it was retracted: newsroom." in result.stderr
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    shown = gone.call("evidence", "show", change_of(gone)).stderr
    assert "RETRACTED: read again under rules version" in shown
    assert gone.call("evidence", "reread").exit_code == 0
    for more in ((), ("--apply",)):  # the look reads otherwise still; there is no more to retract
        again = gone.call("evidence", "reread", "--change", change_of(gone), *more)
        assert again.exit_code == 1
        assert "retract" not in again.stderr


def test_a_retraction_by_newer_rules_waits_for_a_channels_digest(gone: Office) -> None:
    misread(gone)
    gone.write(WATCHLIST.replace('_URL}"', '_URL}", digest: "08:00 UTC"'))
    with gone.services() as services, services.database.write() as connection:
        connection.execute(update(deliveries).values(status="sent"))
    gone.call("evidence", "reread", "--apply", "--by", "editor")
    with gone.services() as services, services.database.read() as connection:
        query = select(deliveries.c.not_before).where(deliveries.c.subject == "notices")
        assert connection.execute(query).scalar_one() == datetime(2026, 7, 7, 8, tzinfo=UTC)


def test_each_of_two_disappearances_that_were_none_is_retracted(
    office: Office, world: World, clock: Clock
) -> None:
    office.call("check", *HERE)
    for change in (world.remove, world.restore, world.remove):
        change("app_store", JIKE, ["cn"])
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", *HERE)
    with office.services() as services:
        body = services.evidence.keep(b"{}")
        with services.database.write() as connection:
            connection.execute(
                update(exchanges)
                .where(exchanges.c.surface == "lookup")
                .values(body=body, headers=[])
            )
    result = office.call("evidence", "reread", "--apply", "--by", "editor")
    assert result.stderr.count(": retracted (即刻, disappeared") == 2
    assert "Traceback" not in result.output
    (status,) = lines(office.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    periods = lines(office.call("export", "timeline", "--format", "jsonl").stdout)
    here = [p for p in periods if (p["app"], p["storefront"]) == ("jike", "cn")]
    assert [p["state"] for p in here] == ["available"]


def test_lost_answers_cannot_be_read_again_and_retract_nothing(gone: Office) -> None:
    *_, last = lines(gone.call("evidence", "show", change_of(gone)).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    result = gone.call("evidence", "reread", "--apply")
    assert result.exit_code == 1
    assert all("cannot be read" in str(row["problem"]) for row in lines(result.stdout))
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "gone"


def test_a_change_and_a_time_exclude_each_other(gone: Office) -> None:
    result = gone.call("evidence", "reread", "--change", "c-1", "--since", "1d")
    assert result.exit_code == 2
    assert "--change and --since exclude each other" in result.stderr

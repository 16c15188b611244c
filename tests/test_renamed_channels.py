"""A channel keeps its past, and what waits for it, through a new name."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import insert, update

from appwatch.alerts.letter import Message
from appwatch.alerts.outbox import deliver
from appwatch.alerts.outcomes import Sent
from appwatch.db import channels, renaming, tables
from appwatch.db.outbox import Result
from appwatch.scheduling import Rounds
from tests.monitor import CASTRO, WATCHLIST, Monitor, monitoring

EARLY = WATCHLIST.replace('to: "${NEWSROOM_URL}"', 'to: "${NEWSROOM_URL}", on: [suspected]')
RENAMED = EARLY.replace("name: newsroom", "name: desk")


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Castro is suspected to be gone from cn, and the newsroom is to hear of it."""
    with monitoring(tmp_path, database_url) as monitor:
        put(monitor, EARLY)
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.wait(15)
        monitor.check()
        yield monitor


def put(monitor: Monitor, text: str) -> None:
    monitor.services.settings.watchlist.write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def named(monitor: Monitor) -> set[str]:
    return {row.channel for row in monitor.rows(tables.deliveries)}


def test_what_waits_for_a_channel_goes_to_its_new_name(monitor: Monitor) -> None:
    assert named(monitor) == {"newsroom"}
    put(monitor, RENAMED)
    assert named(monitor) == {"desk"}


def test_who_heard_a_suspicion_hears_its_end_under_a_new_name(monitor: Monitor) -> None:
    put(monitor, RENAMED)
    monitor.world.restore("app_store", CASTRO, ["cn"])
    monitor.wait(15)
    monitor.check()
    assert [row.kind for row in monitor.rows(tables.notices)] == ["suspected", "cleared"]
    assert named(monitor) == {"desk"}


def test_a_channel_with_another_variable_is_another_channel(monitor: Monitor) -> None:
    put(monitor, RENAMED.replace("NEWSROOM_URL", "DESK_URL"))
    assert named(monitor) == {"newsroom"}


def test_a_silence_knows_the_new_name_of_whom_it_is_to_tell(monitor: Monitor) -> None:
    [notice] = monitor.rows(tables.notices)
    at = {"target_id": notice.target_id, "at": monitor.at}
    with monitor.services.database.write() as connection:
        for heard in (["newsroom", "other"], ["other"]):
            connection.execute(insert(tables.silenced).values(**at, heard=heard))
        renaming.rename(connection, {"newsroom": "desk"})
    kept = [row.heard for row in monitor.rows(tables.silenced)]
    assert sorted(kept) == [["desk", "other"], ["other"]]


def test_a_sweep_under_way_tells_a_channel_by_its_new_name(monitor: Monitor) -> None:
    monitor.world.remove("app_store", CASTRO, ["us"])
    monitor.wait(20)

    async def rename_meanwhile() -> None:
        looking = monitor.looking()
        async with looking.fetcher:
            rounds = Rounds(looking, "one")
            await rounds.tick()
            await asyncio.sleep(0)  # now the sweeps have begun
            put(monitor, RENAMED)
            renamed = monitor.services.watchlist()
            rounds.look_by(monitor.services.looking(renamed, fetcher=rounds.fetcher))
            await rounds.settle()

    asyncio.run(rename_meanwhile())
    assert [row.kind for row in monitor.rows(tables.notices)] == ["suspected", "suspected"]
    assert named(monitor) == {"desk"}


def test_of_two_processes_that_follow_one_rename_neither_loses_the_past(monitor: Monitor) -> None:
    services = monitor.services
    with services.database.write() as connection:
        channels.note_failed(connection, "newsroom", monitor.at)
    services.settings.watchlist.write_text(RENAMED)
    renamed = services.watchlist()

    def while_another_is_first() -> datetime:
        services.sync(renamed)
        return monitor.at

    replace(services, now=while_another_is_first).sync(renamed)
    assert [(row.name, row.strikes) for row in monitor.rows(tables.channels)] == [("desk", 1)]


def test_what_is_queued_under_the_old_name_after_the_edit_follows(monitor: Monitor) -> None:
    put(monitor, RENAMED)
    with monitor.services.database.write() as connection:  # by one that has not followed yet
        connection.execute(update(tables.deliveries).values(channel="newsroom"))
    put(monitor, RENAMED)
    assert named(monitor) == {"desk"}


def test_what_another_process_queues_under_the_old_name_is_sent_by_the_new_one(
    monitor: Monitor,
) -> None:
    put(monitor, RENAMED)
    box = monitor.services.outbox(monitor.services.watchlist())
    with monitor.services.database.write() as connection:  # by one that has not followed yet
        connection.execute(update(tables.deliveries).values(channel="newsroom"))
    take = replace(box, send=lambda *_: Sent(Result.SENT, "taken"))
    put(monitor, f"# the old name may be another's now\n{RENAMED}")
    with monitor.services.database.write() as connection:
        connection.execute(update(tables.deliveries).values(channel="newsroom"))
    assert (deliver(take).sent, named(monitor)) == (0, {"newsroom"})
    put(monitor, RENAMED)
    assert (deliver(take).waiting, named(monitor)) == (0, {"desk"})


def test_a_channel_that_is_renamed_while_it_is_refused_is_off_by_its_new_name(
    monitor: Monitor,
) -> None:
    def refuse_meanwhile(url: str, message: Message, stop: Event) -> Sent:
        put(monitor, RENAMED)
        return Sent(Result.PERMANENT, f"403 for {url} and {message.title}, {stop.is_set()}")

    box = monitor.services.outbox(monitor.services.watchlist())
    assert deliver(replace(box, send=refuse_meanwhile)).failed == 1
    [row] = monitor.rows(tables.channels)
    assert (row.name, row.strikes, row.off_at) == ("desk", 1, monitor.at)

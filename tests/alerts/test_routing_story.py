"""Whatever happens in whatever order: nothing is lost, nothing told twice unless it says so."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, time, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, select, true

from appwatch.db import channels, reminders, tables
from appwatch.db.engine import Database
from appwatch.db.outbox import Result
from appwatch.domain.routing import Quiet, Rate, Route
from tests.alerts.newsroom import Newsroom

APPS = ("jike", "castro", "zynn")
ROUTES = (
    Route("plain"),
    Route("limited", at_most=Rate(3, timedelta(hours=1)), remind=[timedelta(days=1)]),
    Route("night", quiet=Quiet(time(20), time(8), UTC), pace=Rate(1, timedelta(minutes=5))),
    Route("daily", digest=(time(8), UTC)),
)
apps = st.sampled_from(APPS)
names = st.sampled_from([route.channel for route in ROUTES])
steps = st.one_of(
    st.tuples(st.just("change"), apps),
    st.tuples(st.just("change"), apps),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 20, 300, 1500])),
    st.tuples(st.just("answer"), st.tuples(names, st.sampled_from(list(Result)))),
    st.tuples(st.just("silence"), apps),
    st.tuples(st.just("stumble"), apps),
    st.tuples(st.just("notice"), apps),
    st.tuples(st.just("clock"), st.sampled_from([-60, -43_200, 43_200])),
    st.tuples(st.just("edit"), st.integers(1, 3)),
)


class Story:
    """What happens to a newsroom, and which changes were kept back."""

    def __init__(self, database: Database) -> None:
        self.room = Newsroom(database, ROUTES)
        self.states = dict.fromkeys(APPS, "available")
        self.kept: set[str] = set()
        self.doubted: set[str] = set()
        self.made: dict[str, str] = {}

    def step(self, what: str, value: object) -> None:
        room = self.room
        match what, value:
            case "change", str(app):
                self.change(app)
            case "wait", int(minutes):
                room.deliver(timedelta(minutes=minutes))
            case "answer", (str(channel), Result() as result):
                room.results[channel] = result
            case "stumble", str(app):
                self.stumble(app)
            case "notice", str(app):
                self.notice(app)
            case "clock", int(minutes):
                room.at += timedelta(minutes=minutes)
            case "edit", int(number):
                self.edit(number)
            case "silence", str(app):
                room.silence(timedelta(hours=7), app=app)

    def stumble(self, app: str) -> None:
        """Let a change fail until it is tried seldom, and the next one find the channels well."""
        self.change(app)
        self.room.results = {route.channel: Result.FAILED for route in ROUTES}
        for _ in range(6):
            self.room.deliver(timedelta(minutes=16))
        self.room.results.clear()
        self.change(app)
        self.room.deliver(timedelta(minutes=16))

    def change(self, app: str) -> None:
        before = self.states[app]
        now = self.states[app] = "available" if before == "gone" else "gone"
        kind = "disappeared" if now == "gone" else "returned"
        # No target changes twice in one moment.
        self.room.at += timedelta(milliseconds=1)
        self.note(self.room.change(app, kind, f"{before} {now}"), app)
        self.doubted.discard(app)

    def note(self, made: str, app: str) -> None:
        """Remember what was made, and whether a silence keeps it."""
        self.made[made] = app
        kept = tables.silenced.c
        if self.keeps((kept.change_id == made) | (kept.notice_id == made)):
            self.kept.add(made)

    def keeps(self, which: ColumnElement[bool]) -> bool:
        """Whether a silence keeps any such thing."""
        with self.room.database.read() as connection:
            query = select(tables.silenced.c.id).where(which)
            return connection.execute(query).first() is not None

    def notice(self, app: str) -> None:
        """Let a target that has changed be suspected, or cleared."""
        if app in self.made.values():
            self.room.at += timedelta(milliseconds=1)
            made = self.room.notice("cleared" if app in self.doubted else "suspected", app)
            self.doubted ^= {app}
            if made:
                self.note(made, app)

    def edit(self, number: int) -> None:
        """Let each channel have the digest, quiet hours and limits of another from now on."""
        names = [route.channel for route in ROUTES]
        turned = zip(names, [*ROUTES[number:], *ROUTES[:number]], strict=True)
        self.room.routes = [replace(route, channel=name) for name, route in turned]
        with self.room.database.write() as connection:
            reminders.catch_up(connection, self.room.routes, self.room.at)

    def end(self) -> None:
        """Let every channel work again, and time pass until nothing waits."""
        room = self.room
        room.results.clear()
        with room.database.write() as connection:
            for route in ROUTES:
                channels.switch_on(connection, route.channel, room.at)
        for _ in range(80):
            if not room.deliver(timedelta(hours=1)).waiting and not self.keeps(true()):
                return
        raise AssertionError("something waits for days, though every channel works")

    def ids(self, channel: str) -> Iterator[tuple[str, bool, int]]:
        """Yield what is told there but in reminders, whether as a possible repeat, and when."""
        for number, one in enumerate(self.room.told(channel)):
            if not one.message.title.startswith("Still so"):
                marked = "may be a repeat" in one.message.body
                yield from ((told, marked, number) for told in one.ids if told in self.made)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(steps, min_size=5, max_size=40))
@example([("silence", "zynn"), ("change", "zynn"), ("notice", "zynn")])
@example([("silence", "zynn"), ("change", "zynn"), ("clock", 600), ("notice", "zynn")])
def test_every_change_reaches_every_channel_in_its_order_and_once(
    migrated_file: Path, story: Sequence[tuple[str, object]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "appwatch.db"
        shutil.copy(migrated_file, file)
        database = Database(f"sqlite:///{file}")
        played = Story(database)
        for what, value in story:
            played.step(what, value)
        played.end()
        database.close()
    for route in ROUTES:
        told = list(played.ids(route.channel))
        first = {one: number for one, _, number in reversed(told)}
        assert first.keys() >= played.made.keys() - played.kept
        unmarked = Counter(one for one, marked, _ in told if not marked)
        assert not [one for one, count in unmarked.items() if count > 1]
        for app in APPS:
            of_app = [first[one] for one in played.made if one in first and played.made[one] == app]
            assert of_app == sorted(of_app)

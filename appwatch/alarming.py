"""Reads appwatch's own trouble, and keeps the operators' alarms in line with it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog

from appwatch.alerts.alarms import alarm_sentence
from appwatch.db import alarms
from appwatch.db.troubles import troubles
from appwatch.doctor.places import shortage
from appwatch.domain.alarms import LONGEST_WAIT, AlarmKind, Fact, Patience, Step
from appwatch.watchlist import Watchlist
from appwatch.wiring import Services, routes

# What no other part of appwatch logs when it begins and ends.
_UNSAID = frozenset({AlarmKind.COVERAGE, AlarmKind.LATE, AlarmKind.DISK})
_log = structlog.get_logger()

# When the clock was last set as long as this process lives, and by how much; None if never.
ClockSet = Callable[[], tuple[datetime, timedelta] | None]


class Alarming:
    """Looks at appwatch itself, once at every tick."""

    def __init__(self, services: Services, watchlist: Watchlist, clock_set: ClockSet) -> None:
        self._services = services
        self._watchlist = watchlist
        self._clock_set = clock_set

    def look_by(self, services: Services, watchlist: Watchlist) -> None:
        """Go on by another watchlist."""
        self._services, self._watchlist = services, watchlist

    def tick(self) -> None:
        """Tell what has begun and what is over. Raises DatabaseError; the next tick tries again."""
        services, watchlist = self._services, self._watchlist
        now, patience = services.now(), Patience.of(watchlist.every)
        facts = [*self._local(now)]
        with services.database.read() as connection:
            facts += troubles(connection, watchlist.every, watchlist.coverage, now)
            if not facts and not alarms.any_under_way(connection):
                return  # nothing is to be written
        vantage = services.settings.vantage
        with services.database.write() as connection:
            told = alarms.keep(connection, facts, vantage, patience, routes(watchlist), now)
        for taken, alarm in told:
            if alarm.kind in _UNSAID:
                _tell_log(taken, alarm_sentence(alarm, services.wording()), alarm.id)

    def _local(self, now: datetime) -> Iterator[Fact]:
        """Yield the trouble of this machine."""
        services, here = self._services, self._services.settings.vantage
        if trouble := services.evidence.trouble():
            yield Fact(AlarmKind.EVIDENCE, here, {"words": trouble})
        room = services.settings.disk_room_mb
        if short := shortage(services.database, services.evidence, room):
            yield Fact(AlarmKind.DISK, here, {"words": short})
        was_set = self._clock_set()
        if was_set and abs(now - was_set[0]) < LONGEST_WAIT:
            seconds = round(was_set[1].total_seconds())
            yield Fact(AlarmKind.CLOCK, here, {"seconds": abs(seconds)}, was_set[0])


def _tell_log(taken: Step, sentence: str, alarm_id: str) -> None:
    if taken is Step.OPENED:
        _log.warning(sentence, action="alarm", id=alarm_id)
    else:
        _log.info(sentence, action="alarm_over", id=alarm_id)

"""Which looks must be played: those at which the answer may differ from the last one."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain

from benchmarks.verdicts.answers import Answers, Kind
from benchmarks.verdicts.rates import MINUTE
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.trace import APP_STORE, Episode, Fault, Target

_SHOWN = {
    Fault.LOOKUP_403: Kind.FORBIDDEN,
    Fault.PLAY_429: Kind.TOO_MANY,
    Fault.PLAY_CAPTCHA: Kind.CAPTCHA,
    Fault.CONSENT_WALL: Kind.CONSENT,
    Fault.LAYOUT: Kind.LAYOUT,
    Fault.DNS: Kind.NO_NETWORK,
    Fault.OUTAGE: Kind.EMPTY,
    Fault.FALSE_EMPTY: Kind.EMPTY,
}


class Course:
    """Leads over a month of looks for one policy; `notices` are the answers that can move it.

    A target to which nothing truly happens is only looked at when such an answer may come. One
    to which something happens is looked at whenever any answer may change, and just before.
    """

    def __init__(self, answers: Answers, schedule: Schedule, notices: frozenset[Kind]) -> None:
        self._answers = answers
        self._schedule = schedule
        self._notices = notices
        self._episodes = [e for e in answers.trace.episodes if e.fault in _SHOWN]
        self._shared: dict[object, list[float]] = {}

    def next_look(self, target: Target, at: float, *, eventful: bool) -> float | None:
        """Return when a target at rest is looked at next with another answer possible."""
        if at > 0 and self._is_drawn(target, at, eventful=eventful):
            return self._schedule.after(target, at)
        turn = self._next_turn(target, at, eventful=eventful)
        if turn is None:
            return None
        before = self._schedule.before(target, turn) if eventful else None
        if before is not None and before > at:
            return before
        return self._schedule.at_or_after(target, turn)

    def _is_drawn(self, target: Target, at: float, *, eventful: bool) -> bool:
        """Whether chance made this answer; our network counts only where it is noticed."""
        if not eventful and Kind.NO_NETWORK not in self._notices:
            return False
        return self._answers.drawn(target, at)

    def _next_turn(self, target: Target, at: float, *, eventful: bool) -> float | None:
        """Return the next moment at which the answer may change."""
        key = (target.store, target.storefront, eventful)
        if key not in self._shared:
            self._shared[key] = self._turns_of_place(target, eventful=eventful)
        own = self._own_turns(target, eventful=eventful)
        nexts = [_next(self._shared[key], at), _next(own, at)]
        return min((turn for turn in nexts if turn is not None), default=None)

    def _turns_of_place(self, target: Target, *, eventful: bool) -> list[float]:
        """Return when the faults that strike all of a storefront begin and end."""
        return _ends(
            e
            for e in self._episodes
            if e.store in ("", target.store)
            and e.storefront in ("", target.storefront)
            and (eventful or (_SHOWN[e.fault] in self._notices and _strikes_all(e)))
        )

    def _own_turns(self, target: Target, *, eventful: bool) -> list[float]:
        """Return when the target itself changes, and its looks of which one request is struck."""
        key = (target, eventful)
        if key not in self._shared:
            absences = self._answers.trace.absences.get(target, ())
            changes = chain.from_iterable((a.start, a.end) for a in absences)
            struck = self._struck_looks(target, eventful=eventful)
            self._shared[key] = sorted([*changes, *struck])
        return self._shared[key]

    def _struck_looks(self, target: Target, *, eventful: bool) -> list[float]:
        if target.store == APP_STORE:
            struck = self._answers.lookups.struck((target.storefront, target.batch))
        else:
            struck = self._answers.pages.struck((target.storefront, target.app))
        looks = []
        for minute, kind in struck.items():
            if eventful or kind in self._notices:
                look = self._schedule.at_or_after(target, minute * MINUTE)
                if look is not None and look < (minute + 1) * MINUTE:
                    looks.append(look)
        return looks


def _strikes_all(episode: Episode) -> bool:
    return episode.fault is not Fault.FALSE_EMPTY or episode.whole


def _ends(episodes: Iterable[Episode]) -> list[float]:
    return sorted(chain.from_iterable((e.start, e.end) for e in episodes))


def _next(moments: list[float], at: float) -> float | None:
    number = bisect_right(moments, at)
    return moments[number] if number < len(moments) else None

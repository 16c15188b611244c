"""GreatFire's App Store Monitor, as it judged in 2019 and as it describes itself in 2024."""

from dataclasses import dataclass

from benchmarks.verdicts.answers import Kind
from benchmarks.verdicts.policies.base import Claim, Policy, Run
from benchmarks.verdicts.rates import HOUR
from benchmarks.verdicts.trace import Target

# Answers that it would take for "not there"; of a page only the status was read. What is no
# proper answer was asked again and never stored.
_ABSENT = frozenset({Kind.ABSENT, Kind.EMPTY, Kind.ROBOT_404})
_LISTED = frozenset({Kind.LISTED, Kind.NOT_INSTALLABLE, Kind.WRONG_COUNTRY, Kind.LAYOUT})


@dataclass(slots=True)
class _Pending:
    """A status that was seen to flip, and how often it was seen since."""

    available: bool
    before: float
    first: float
    further: int = 0
    recorded: bool = False


class _Monitor:
    """Counts statuses that agree; what a change needs is the year's matter."""

    due: float | None = None

    def __init__(self, run: Run, target: Target) -> None:
        self._run = run
        self._target = target
        self._available = run.answers.truth(target, 0.0) is not Kind.ABSENT
        self._last = 0.0
        self._pending: _Pending | None = None

    @property
    def at_rest(self) -> bool:
        """Whether no change waits for more looks."""
        return self._pending is None or self._pending.recorded

    def look(self, at: float, *, alone: bool) -> None:  # noqa: ARG002 - it has only rounds
        """Look once and store a proper answer."""
        kind = self._run.first_answer(self._target, at)
        if kind in _ABSENT or kind in _LISTED:
            self._store(kind in _LISTED, at)
            self._last = at

    def _store(self, available: bool, at: float) -> None:  # noqa: FBT001 - the status itself
        if available is not self._available:
            self._flip(available, at)
            self._available = available
        elif self._pending is not None:
            self._pending.further += 1
        pending = self._pending
        if pending and not pending.recorded and self._is_enough(pending, at):
            pending.recorded = True
            claim = Claim(self._target, not pending.available, pending.before, at)
            self._run.claims.append(claim)

    def _flip(self, available: bool, at: float) -> None:  # noqa: FBT001 - the status itself
        """Begin to count a change, or drop one that did not last: its way back is no change."""
        dropped = self._pending is not None and not self._pending.recorded
        self._pending = None if dropped else _Pending(available, self._last, at)

    def _is_enough(self, pending: _Pending, at: float) -> bool:
        raise NotImplementedError


class _Monitor2019(_Monitor):
    """Five further looks and a day; a removal only if the app is to be had elsewhere.

    Source: greatfire/applecensorship, recreate_status_changes.php. Kinder than there: its two
    days of margin before "elsewhere" counts are left out.
    """

    def _is_enough(self, pending: _Pending, at: float) -> bool:
        if pending.further < 5 or at - pending.first < 24 * HOUR:
            return False
        return pending.available or _seen_elsewhere(self._run, self._target, at)


class _Monitor2024(_Monitor):
    """At least three looks over more than six hours that agree throughout.

    Source: googlecensorship.org/play-store-monitor/changes.
    """

    def _is_enough(self, pending: _Pending, at: float) -> bool:
        return pending.further >= 2 and at - pending.first > 6 * HOUR


def _seen_elsewhere(run: Run, target: Target, at: float) -> bool:
    others = (
        Target(target.store, storefront, target.app)
        for storefront in run.answers.trace.storefronts(target.store)
        if storefront != target.storefront
    )
    return any(run.answers.truth(other, at) is not Kind.ABSENT for other in others)


GREATFIRE_2019 = Policy("GreatFire 2019", _ABSENT, _Monitor2019)
GREATFIRE_2024 = Policy("GreatFire 2024", _ABSENT, _Monitor2024)

"""The two usual ways to watch a page: by its status code, and by whether it changed."""

from benchmarks.verdicts.answers import Kind
from benchmarks.verdicts.policies.base import Claim, Policy, Run
from benchmarks.verdicts.trace import Target

# Status 200 with something in it, whatever it is.
_UP = frozenset(
    {
        Kind.LISTED,
        Kind.NOT_INSTALLABLE,
        Kind.WRONG_COUNTRY,
        Kind.LAYOUT,
        Kind.CONSENT,
        Kind.HTML,
    }
)


class _OneLook:
    """Believes every answer at once; one look that differs is an alarm."""

    at_rest = True
    due: float | None = None

    def __init__(self, run: Run, target: Target) -> None:
        self._run = run
        self._target = target
        self._expected = run.answers.truth(target, 0.0)
        self._alarmed = False
        self._last = 0.0

    def look(self, at: float, *, alone: bool) -> None:  # noqa: ARG002 - it has only rounds
        """Look once and tell at once."""
        differs = self._differs(self._run.first_answer(self._target, at))
        if differs is None:
            return
        if differs is not self._alarmed:
            self._run.claims.append(Claim(self._target, differs, self._last, at))
        self._alarmed, self._last = differs, at

    def _differs(self, kind: Kind) -> bool | None:
        """Return whether the answer calls for an alarm, or None if it is no answer."""
        raise NotImplementedError


class _StatusCode(_OneLook):
    """Down is whatever is not status 200, or a lookup without a result."""

    def _differs(self, kind: Kind) -> bool | None:
        return self._expected is Kind.LISTED and kind not in _UP


class _ContentChange(_OneLook):
    """An alarm when what arrives says something else than when watching began."""

    def _differs(self, kind: Kind) -> bool | None:
        if kind is Kind.NO_NETWORK:
            return None
        return (Kind.ABSENT if kind is Kind.EMPTY else kind) is not self._expected


STATUS_CODE = Policy("one look, status code", frozenset(Kind) - _UP, _StatusCode)
CONTENT_CHANGE = Policy(
    "content change", frozenset(Kind) - {Kind.LISTED, Kind.NO_NETWORK}, _ContentChange
)

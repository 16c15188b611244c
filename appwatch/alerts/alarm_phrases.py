"""What operators are told of each kind of alarm: what it is, what it means, what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.alerts.language import marked
from appwatch.domain.alarms import AlarmKind
from appwatch.domain.instrument import FaultKind


class AlarmPhrase(NamedTuple):
    """`what` is wrong, as a clause; what it `means`, and the `remedy`, as sentences."""

    what: str
    means: str = ""
    remedy: str = ""


_SHARE: Final = marked(
    "It strikes {count} of {of} targets. Looks that fail prove nothing: nobody is told of a"
    " disappearance by them."
)
_DOCTOR: Final = marked("To find out what stands in the way, run: appwatch doctor")
UNKNOWN: Final = AlarmPhrase(marked("there is trouble that this version does not know"))

ALARMS: Final[Mapping[str, AlarmPhrase]] = MappingProxyType(
    {
        AlarmKind.SICK.value: AlarmPhrase(
            marked("the controls of {where} are not seen"),
            marked(
                "Apps that are surely listed are missing there, so the storefront itself is in"
                " doubt: no absence counts until they are seen again."
            ),
            _DOCTOR,
        ),
        AlarmKind.HOLD.value: AlarmPhrase(
            marked("much is missing at once in {where}"),
            marked(
                "{count} of {of} listings went missing together. Nothing is told of them until a"
                " later round confirms it, or a person does."
            ),
            marked("Look at some of them in a browser, then run: appwatch holds list"),
        ),
        AlarmKind.WATCHLIST_REJECTED.value: AlarmPhrase(
            marked("the watchlist is rejected"),
            marked("The one before it stays in force."),
            marked("To see everything that is wrong with it, run: appwatch watchlist validate"),
        ),
        AlarmKind.WATCHLIST_WAITING.value: AlarmPhrase(
            marked("an edit of the watchlist waits"),
            marked("It leaves out many targets; the watchlist before it stays in force."),
            marked("If that is meant, run: appwatch watchlist accept"),
        ),
        AlarmKind.COVERAGE.value: AlarmPhrase(
            marked("too few looks at {where} prove anything"),
            marked(
                "Where it was least, {percent} % of the looks of the last {span} proved something;"
                " {least} % are asked for. What happened there meanwhile may not have been seen."
            ),
            marked("To see where and why, run: appwatch coverage --since 1d"),
        ),
        AlarmKind.LATE.value: AlarmPhrase(
            marked("looks do not keep up"),
            marked("The oldest look that is due has waited for {span}."),
            _DOCTOR,
        ),
        AlarmKind.EVIDENCE.value: AlarmPhrase(
            marked("evidence cannot be kept"),
            marked("No change is confirmed until it can be."),
            _DOCTOR,
        ),
        AlarmKind.DISK.value: AlarmPhrase(
            marked("the disk is nearly full"),
            marked("When it is full, nothing can be recorded and no change is confirmed."),
            marked("Free some space."),
        ),
        AlarmKind.CLOCK.value: AlarmPhrase(
            marked("the clock was set"),
            marked("It moved by {span}. The times of every change depend on it."),
            marked("Set it right and let it be kept so by NTP."),
        ),
    }
)
FAULTS: Final[Mapping[str, AlarmPhrase]] = MappingProxyType(
    {
        FaultKind.PARSER.value: AlarmPhrase(
            marked("answers of {where} cannot be read"), _SHARE, _DOCTOR
        ),
        FaultKind.ENDPOINT.value: AlarmPhrase(
            marked("{where} cannot be looked at"), _SHARE, _DOCTOR
        ),
        FaultKind.VANTAGE.value: AlarmPhrase(
            marked("several stores fail at once"), _SHARE, _DOCTOR
        ),
        FaultKind.SURFACES.value: AlarmPhrase(
            marked("two surfaces of {where} contradict each other"), _SHARE, _DOCTOR
        ),
        FaultKind.NONSENSE.value: AlarmPhrase(
            marked("an app that cannot exist was found in {where}"), _SHARE, _DOCTOR
        ),
        FaultKind.APPWATCH.value: AlarmPhrase(
            marked("an error of appwatch stops looks at {where}"), _SHARE, _DOCTOR
        ),
    }
)


def phrase_of(kind: str, fault: str) -> AlarmPhrase:
    """Return what is said of an alarm; `fault` tells the faults of the instrument apart."""
    known = FAULTS.get(fault) if kind == AlarmKind.INSTRUMENT.value else ALARMS.get(kind)
    return known or UNKNOWN

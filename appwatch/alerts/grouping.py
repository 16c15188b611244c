"""Parts the changes of a message into groups, each of which reads as one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appwatch.alerts.language import Plural, marked
from appwatch.alerts.phrases import phrase_of
from appwatch.alerts.wording import Wording, plain
from appwatch.db.deliveries import ChangeRow

NAME_LENGTH: Final = 80
_Target = tuple[str, str, str]  # store, listing, storefront
RETRACTED: Final = marked("Retracted as wrong: {told}")


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind and store, by time: of one app, or of the many that a hold held.

    `overtaken` by a later change, told in the same message or not.
    """

    changes: tuple[ChangeRow, ...]
    overtaken: bool

    @property
    def one(self) -> ChangeRow:
        """The first of them: what they have in common."""
        return self.changes[0]

    @property
    def apps(self) -> list[str]:
        """The ids of the apps, each once."""
        return list(dict.fromkeys(change.app for change in self.changes))

    @property
    def by_app(self) -> list[list[ChangeRow]]:
        """The changes of each app, in the order of its first."""
        return [[one for one in self.changes if one.app == app] for app in self.apps]

    @property
    def many(self) -> bool:
        """Whether it is about more than one app."""
        return len(self.apps) > 1

    @property
    def stands(self) -> bool:
        """Whether it was not retracted."""
        return self.one.retracted_at is None

    @property
    def storefronts(self) -> list[str]:
        """The storefronts, each once."""
        return list(dict.fromkeys(change.storefront for change in self.changes))

    def says(self, wording: Wording) -> str:
        """Return what happened, and where: a sentence without its full stop."""
        phrase = phrase_of(self.one.kind, self.one.to_state)
        if self.overtaken or self.one.retracted_at:
            return self._said(phrase.happened, phrase.happened_to, wording)
        return self._said(phrase.holds, phrase.hold, wording)

    def titled(self, wording: Wording, longest: int = NAME_LENGTH) -> str:
        """Return what happened, and where, as a title; the name takes so much at most."""
        phrase = phrase_of(self.one.kind, self.one.to_state)
        past = self.overtaken or self.one.retracted_at
        several = phrase.happened_to if past else phrase.hold
        return self._said(phrase.title or phrase.happened, several, wording, longest)

    def _said(
        self, of_one: str, of_several: Plural, wording: Wording, longest: int = NAME_LENGTH
    ) -> str:
        language = wording.language
        where = wording.where(self.one.store, self.storefronts)
        if self.many:
            told = language.count(of_several, len(self.apps), where=where)
        else:
            told = language.say(of_one, app=plain(name_of(self.one), longest), where=where)
        return language.say(RETRACTED, told=told) if self.one.retracted_at else told


def grouped(changes: Sequence[ChangeRow]) -> list[Group]:
    """Part the changes by app, kind and store, each group and each app in order of time.

    What came out of a hold is parted by hold, kind and store: one text about many apps. What
    was retracted comes last.
    """
    ordered = sorted(changes, key=_when)
    latest = {_target(change): change.id for change in ordered if change.retracted_at is None}
    parted: dict[tuple[str, ...], list[ChangeRow]] = {}
    for change in ordered:
        overtaken = _is_overtaken(change, latest)
        parted.setdefault(_key(change, overtaken=overtaken), []).append(change)
    apps = list(dict.fromkeys(change.app for change in ordered))
    groups = [Group(tuple(found), _is_overtaken(found[0], latest)) for found in parted.values()]
    return sorted(groups, key=lambda group: (not group.stands, apps.index(group.one.app)))


def name_of(change: ChangeRow) -> str:
    """Return the app's name as it was then, on one line."""
    return plain(change.name, NAME_LENGTH) or change.app


def _key(change: ChangeRow, *, overtaken: bool) -> tuple[str, ...]:
    # A target that moved to and fro is told move by move; so is what does not hold any more.
    move = change.id if overtaken and not change.hold else str(overtaken)
    whose = f"hold {change.hold}" if change.hold else f"app {change.app}"
    retracted = str(change.retracted_at is not None)
    return (whose, change.store, change.kind, change.to_state, move, retracted)


def _is_overtaken(change: ChangeRow, latest: Mapping[_Target, str]) -> bool:
    """Whether the target changed again after this; what is retracted never held."""
    if change.retracted_at is not None:
        return False
    return change.overtaken or latest[_target(change)] != change.id


def _target(change: ChangeRow) -> _Target:
    return (change.store, change.listing, change.storefront)


def _when(change: ChangeRow) -> tuple[float, str]:
    return (change.confirmed_at.timestamp(), change.id)

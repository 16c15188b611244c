"""Silences: what is recorded and not told, and what of it is told when they end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appwatch.domain.routing.route import Topic


@dataclass(frozen=True, slots=True)
class SilenceScope:
    """What a silence is about; None stands for any."""

    app: str | None = None
    tag: str | None = None
    store: str | None = None
    storefront: str | None = None

    def covers(self, topic: Topic) -> bool:
        """Whether the topic is within all that the scope names."""
        return (
            self.app in (None, topic.app)
            and (self.tag is None or self.tag in topic.tags)
            and self.store in (None, topic.store)
            and self.storefront in (None, topic.storefront)
        )


@dataclass(frozen=True, slots=True)
class Silenced:
    """A change that happened inside a silence."""

    id: str
    from_state: str
    to_state: str
    retracted: bool = False


def silenced_by(scopes: Iterable[SilenceScope], topic: Topic) -> bool:
    """Whether one of the silences covers the topic."""
    return any(scope.covers(topic) for scope in scopes)


def still_holds(changes: Sequence[Silenced], state: str) -> Silenced | None:
    """Return which of one target's changes, in their order, is told when its silence ends.

    The last one, if the state is then another than before the first; what was retracted
    never held. `state` is the target's: one that was taken out and put back moved without a
    change.
    """
    held = [change for change in changes if not change.retracted]
    if not held or held[0].from_state in (held[-1].to_state, state):
        return None
    return held[-1]

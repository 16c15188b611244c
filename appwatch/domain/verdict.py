"""Rules as data: each says what it looks for, what follows, and why that may be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from appwatch.domain.model import NO_FACTS, Facts, Outcome, Reason, Verdict

# Raised whenever the meaning of any rule changes; stored with every observation.
RULES_VERSION = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to read an answer. A new meaning gets a new id; an id is never reused."""

    id: str
    outcome: Outcome
    looks_for: str
    because: str
    reason: Reason | None = None

    def says(self, detail: str = "", facts: Facts = NO_FACTS) -> Verdict:
        """Return the verdict of this rule."""
        # PostgreSQL keeps no character 0, and details may come from a hostile answer.
        return Verdict(self.outcome, self.id, self.reason, detail.replace("\0", ""), facts)


def inconclusive(rule_id: str, reason: Reason, looks_for: str, because: str) -> Rule:
    """Return a rule that proves nothing, for the reason given."""
    return Rule(rule_id, Outcome.INCONCLUSIVE, looks_for, because, reason)


def rules_in(module: Mapping[str, object]) -> tuple[Rule, ...]:
    """Return every rule among a module's globals, as they are written: none is left out."""
    return tuple(one for one in module.values() if isinstance(one, Rule))

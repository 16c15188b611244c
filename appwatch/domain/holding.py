"""When so much goes missing at once that the store is doubted before the apps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldRule:
    """More than `share` of what is held available, and `at_least` so many: hold."""

    share: float = 0.3
    at_least: int = 5

    def calls_for_hold(self, missing: int, available: int) -> bool:
        """Whether so many newly missing, of so many held available, are too many at once.

        `available` counts the missing ones too: their state is still available.
        """
        return missing >= self.at_least and missing > self.share * available

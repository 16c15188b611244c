"""What commands say to people, on stderr; stdout carries data only."""

import re
import sys

# What would move the cursor or change the terminal, in text that came from elsewhere.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def note(sentence: str) -> None:
    """Say one sentence, marked as ours."""
    line(f"appwatch: {sentence}")


def line(text: str) -> None:
    """Say one line as it stands."""
    print(harmless(text), file=sys.stderr, flush=True)  # noqa: T201 - this is the one place


def harmless(text: str) -> str:
    """Return the text without what a terminal would obey."""
    return _CONTROL.sub("", text)

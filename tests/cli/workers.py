"""Processes of `appwatch run` whose leases end soon, and which end themselves at a step."""

import sys
from pathlib import Path

# A process of `run` that ends itself at a step; or never, and then takes up nothing new while a
# file is there: so it is sure who comes to the step. Leases end soon: nobody waits for minutes.
WORKER = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from appwatch import checking
from appwatch.alerts import outbox as sending
from appwatch.cli import main
from appwatch.db import due, outbox, record
from appwatch.domain.state import Transition

step, rests = sys.argv.pop(1), Path(sys.argv.pop(1))
# Longer than the first message of a process takes, on a busy machine too.
sending.LEASE, due.LEASE = timedelta(seconds=6), timedelta(seconds=2)

def resting(place, name):
    plain = getattr(place, name)
    setattr(place, name, lambda *given: [] if rests.exists() else plain(*given))

if step == "never":
    resting(due, "due_places")
    resting(outbox, "channels_waiting")

def dying(place, name, of_step, before=False):
    plain = getattr(place, name)
    def deed(*given):
        if step == of_step and before:
            os.kill(os.getpid(), signal.SIGKILL)
        done = plain(*given)
        if step == of_step and is_it(done):
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(place, name, deed)

def is_it(done):
    if isinstance(done, list):
        return any(isinstance(e, Transition) and e.kind for one in done for e in one.events)
    return done is not None

dying(record, "record", "before the look is kept")
dying(checking, "_record", "after the look is kept")
dying(outbox, "claim", "within the claim")
dying(sending._Round, "_attempt", "after the claim", before=True)
dying(sending._Round, "_attempt", "after the send")
dying(outbox, "settle", "before it is settled")
dying(sending._Round, "_deliver", "after it is settled")
main()
"""


def worker(step: str, rests: Path) -> list[str]:
    """Return the command; `never` is no step, and `rests` the file that lets it rest."""
    return [sys.executable, "-W", "ignore", "-c", WORKER, step, str(rests), "run"]

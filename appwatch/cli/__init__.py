"""The command line: one table of commands, each imported only when it is used."""

import sys
from collections.abc import Mapping
from types import MappingProxyType

from appwatch.cli.endings import Commands
from appwatch.cli.entry import Entry

# name: (module, attribute is the name), what stands beside it in the help
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "run": "Watch, alert and answer health checks, until told to stop.",
        "check": "Look at everything now, or at what you choose.",
        "status": "Show what is held true of every app in every storefront.",
        "changes": "Show what disappeared, returned or else changed.",
        "coverage": "Show which looks were made, and which proved nothing.",
        "watchlist": "Check, show and edit the watchlist.",
        "alerts": "Show and try the channels, and what was sent to them.",
        "silence": "Keep alerts about something back for a while.",
        "holds": "Show what is held back because too much is missing, and release or drop it.",
        "incidents": "Show what belongs together, attach claims, retract what was wrong.",
        "evidence": "Show, bundle and verify what proves a change, or read it again.",
        "export": "Write timelines and changes for research.",
        "doctor": "Find out what stands in the way, and what to do about it.",
        "db": "Upgrade, show or back up the database.",
        "demo": "Play June 2020 against simulated stores.",
    }
)

EPILOG = """\b
Exit codes: 0 done; 1 a problem found (check: some looks inconclusive); 2 wrong use, or a
bad watchlist or setting; 3 nothing could be reached (check: no look conclusive)."""

command_line = Commands(
    COMMANDS,
    package=__name__,
    epilog=EPILOG,
    help="Watch app listings in Google Play and in Apple's App Stores, and prove when one "
    "disappears.",
)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show must not end a command, and what goes elsewhere must arrive
        # as it is; a closed stream is None.
        if stream is not None:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]  # TextIO hides it
    command_line.main(prog_name="appwatch", obj=Entry())

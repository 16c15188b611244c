"""--by: who decided, as it stands in the record."""

import getpass
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def by_option(command: Command) -> Command:
    """Add --by: a name, of the user who runs the command unless given."""
    told = "Who decides so, for the record; your user name unless given."
    return click.option("--by", metavar="NAME", default=_user, help=told)(command)


def _user() -> str:
    """Return the name of the user; a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the first until Python 3.12, the second since
        return "unknown"

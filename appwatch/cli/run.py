"""appwatch run."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click
import structlog

from appwatch.cli.entry import Entry
from appwatch.cli.memory import collect_seldom

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.watchlist import Watchlist
    from appwatch.wiring import Services

_log = structlog.get_logger()


@click.command(epilog="Example: APPWATCH_WEB_PORT=8081 appwatch run")
@click.pass_obj
def run(entry: Entry) -> int:
    """Watch, alert and answer health checks, until SIGTERM or Ctrl-C.

    Everything in one process, as watchlist.yaml and the settings say. Whatever is not
    finished at the end stays due. With APPWATCH_WEB_PORT=0 the address is printed.
    """
    from appwatch.cli.listening import address_of, listen
    from appwatch.cli.process import work
    from appwatch.cli.sending import unusable
    from appwatch.following import Follower

    with _ending_at_once(), entry.services(quiet=False) as services:
        follower = Follower(services, partial(unusable, entry))
        settings = services.settings
        if services.database.missing:
            follower.refuse()  # before anything is made: there is no copy to begin with
        with listen(settings.web_host, settings.web_port) as listener:
            services.upgrade()
            watchlist = follower.open()
            _announce(services, watchlist, address_of(listener))
            if settings.web_port == 0:
                click.echo(address_of(listener))
            collect_seldom()  # the process is loaded: what comes now are looks
            asyncio.run(work(follower, watchlist, listener))
    return 0


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Let SIGTERM end the process cleanly before there is anything to wait for."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _announce(services: "Services", watchlist: "Watchlist", address: str) -> None:
    """Log what is watched, how much asking that is, and where health can be read."""
    from appwatch.doctor import load_of

    load = load_of(watchlist, services.stores)
    tell = _log.info if load.held else _log.warning
    tell(
        " ".join(load.sentences()),
        action="watching",
        targets=load.targets,
        requests=load.requests,
        seconds=round(load.takes.total_seconds()),
    )
    unresolved = [app.id for app in watchlist.apps if not app.listings]
    if unresolved:
        _log.info("no listing to look at", action="unresolved", apps=", ".join(unresolved))
    _log.info("listening", action="listening", address=address)

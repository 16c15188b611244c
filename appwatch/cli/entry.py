"""What every command starts from: the services, built on use, and how it was called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # wiring takes a second to import, and --help needs none of it
    from appwatch.watchlist import Watchlist
    from appwatch.wiring import Services


def _build() -> "Services":
    from appwatch import wiring

    return wiring.build()


@dataclass(slots=True)
class Entry:
    """The click object of a call: `build` makes the services, `debug` shows tracebacks.

    `secrets` are blotted out of every log line.
    """

    build: "Callable[[], Services]" = _build
    debug: bool = False
    secrets: set[str] = field(default_factory=set, repr=False)

    def services(self, *, quiet: bool = True) -> "Services":
        """Return the services, with logs set up as the settings say. Raises SettingError.

        Quiet commands log warnings and worse.
        """
        from appwatch.cli import logs, saying

        services = self.build()
        settings = services.settings
        hidden = {settings.proxy, settings.google_play_cookie, settings.wayback_key}
        hidden |= {settings.ping_url}
        self.secrets |= hidden - {""}
        password = services.database.url.password
        self.secrets |= {str(password)} if password else set()
        logs.configure(settings.log_format, self.secrets, quiet=quiet, debug=self.debug)
        for warning in settings.warnings:
            saying.note(warning)
        return services

    def mind_secrets(self, services: "Services", watchlist: "Watchlist") -> None:
        """Keep the addresses of channels and proxies out of every log line."""
        names = [channel.reference for channel in watchlist.channels]
        for name in [*names, *watchlist.proxies.values()]:
            self.secret(services, name)

    def secret(self, services: "Services", name: str) -> str:
        """Return the value of a variable, kept out of every log line from now on."""
        value = services.secret(name)
        if value:
            self.secrets.add(value)
        return value


def require_database(services: "Services") -> None:
    """Raise DatabaseError unless there is a database of this version's schema to read."""
    from appwatch.db import migrate

    migrate.require(services.database)

"""Builds everything from the settings, in one place; every entry point uses it."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Self
from zoneinfo import ZoneInfo

from appwatch import settings as settings_table
from appwatch.alerts.outbox import Outbox
from appwatch.alerts.wording import Wording
from appwatch.capturing import Archive
from appwatch.checking import Looking
from appwatch.db import (
    channels,
    migrate,
    reminders,
    renaming,
    unwatched,
    versions,
    watching,
    watchlist_problems,
)
from appwatch.db.engine import Database
from appwatch.db.resting import SharedRests
from appwatch.db.sweeping import Terms
from appwatch.domain.clocks import Beat
from appwatch.domain.routing import Quiet, Route
from appwatch.errors import WatchlistError
from appwatch.evidence import Evidence
from appwatch.fetching import Fetcher, Fetching
from appwatch.settings import Settings
from appwatch.stores import STORES
from appwatch.stores.base import Store
from appwatch.watchlist import (
    Channel,
    Watchlist,
    channel_problems,
    kept_files,
    load,
    proxy_problems,
    renamed_channels,
)

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


# Goes on while a machine is suspended; macOS has no other name for it.
_BEATING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESS = token_hex(8)


def machine_beat() -> Callable[[], Beat]:
    """Return what tells this machine's beat; elsewhere than on Linux, of this process alone."""
    try:
        start = _BOOT.read_text("ascii").strip()
    except OSError:
        start = _PROCESS
    return lambda: Beat(start, time.clock_gettime(_BEATING))


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point needs. Close it when done, or use it in a `with`."""

    settings: Settings
    environment: Mapping[str, str] = field(repr=False)
    stores: Mapping[str, Store]
    database: Database
    evidence: Evidence
    now: Clock
    # Names this process in leases, so that nobody else settles what it took.
    owner: str
    beat: Callable[[], Beat | None]
    # What `environment` is made of: the process's own variables, and the folder with .env.
    given: Mapping[str, str] = field(repr=False)
    folder: Path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.database.close()

    def refreshed(self) -> "Services":
        """Return the same with `.env` read anew. Raises SettingError where it cannot be read."""
        fresh = settings_table.read_environment(self.given, self.folder)
        return replace(self, environment=fresh)

    def watchlist(self) -> Watchlist:
        """Return the watchlist as it stands in its file. Raises WatchlistError."""
        return load(shown_path(self.settings.watchlist), self.stores)

    def usable_watchlist(self) -> Watchlist:
        """Return the watchlist, if every channel has its variable and every proxy can be used.

        Raises WatchlistError with every problem.
        """
        watchlist = self.watchlist()
        unset = self.unset(watchlist)
        if unset:
            raise WatchlistError(unset)
        return watchlist

    def unset(self, watchlist: Watchlist) -> list[str]:
        """Return a line for each channel whose variable is not set, and each proxy of no use."""
        unset = channel_problems(watchlist, self.environment)
        return unset + proxy_problems(watchlist, self.environment)

    def secret(self, name: str) -> str:
        """Return the value of a variable, or of the file that NAME_FILE names; else nothing."""
        return settings_table.read_secret(self.environment, name, Path.cwd())

    def last_good(self) -> Watchlist | None:
        """Return the watchlist in force as the database keeps it, or None before the first.

        Raises WatchlistError if this appwatch cannot read it.
        """
        with self.database.read() as connection:
            version = next(versions.newest_first(connection), None)
        return None if version is None else self.as_kept(version)

    def as_kept(self, version: versions.Version) -> Watchlist:
        """Return a watchlist that was once in force. Raises WatchlistError if it cannot be read."""
        path = shown_path(self.settings.watchlist)
        return load(path, self.stores, kept_files(path, version.files))

    def upgrade(self) -> bool:
        """Bring the database to this version's schema; return whether that was to be done."""
        return migrate.upgrade(self.database)

    def sync(self, watchlist: Watchlist) -> watching.Synced:
        """Bring apps and targets in line with the watchlist: from now on it is in force."""
        content = "\n".join(text for _, text in watchlist.documents)
        lengths = [(name, len(text)) for name, text in watchlist.documents]
        names, apps, now = self._renamed(watchlist), watched_apps(watchlist), self.now()
        with self.database.write() as connection:
            again = versions.in_force(connection) == watchlist.digest
            renaming.rename(connection, names, again=again)
            channels.keep_only(connection, [channel.name for channel in watchlist.channels])
            synced = watching.sync(connection, apps, watchlist.digest, content, now, lengths)
            unwatched.tell(connection, routes(watchlist), now)
            reminders.catch_up(connection, routes(watchlist), now)
            watchlist_problems.end(connection, now)
        return synced

    def _renamed(self, watchlist: Watchlist) -> dict[str, str]:
        """Return the channels that the watchlist gives a new name, by their old one.

        Where it is in force already, it gave them when it came into force.
        """
        with self.database.read() as connection:
            kept = versions.newest_first(connection)
            before = next((one for one in kept if one.digest != watchlist.digest), None)
        with suppress(WatchlistError):  # an appwatch of another version wrote it
            return renamed_channels(self.as_kept(before), watchlist) if before else {}
        return {}

    def dropped(self, watchlist: Watchlist) -> tuple[int, int]:
        """Return how many of the targets that are watched, or paused, it leaves out; of how many.

        An app under another id is another one: its history would begin anew.
        """
        with self.database.read() as connection:
            watched = versions.watched(connection)
        kept = {
            (app.id, *place, listing) for app in watchlist.apps for place, listing in app.targets()
        }
        return len(watched - kept), len(watched)

    def looking(
        self, watchlist: Watchlist, *, persist: bool = False, fetcher: Fetcher | None = None
    ) -> Looking:
        """Return what looks need; without a fetcher to go on with, one of their own.

        Close it after use.
        """
        fetching = self._fetching(watchlist, persist=persist)
        if fetcher is None:
            rests = SharedRests(self.database, self.settings.vantage)
            fetcher = Fetcher(fetching, self.now, rests)
        else:
            fetcher.carry_as(fetching)
        return Looking(
            database=self.database,
            fetcher=fetcher,
            stores=self.stores,
            evidence=self.evidence,
            now=self.now,
            terms=self._terms(watchlist),
            controls=watchlist.controls,
            vantage=self.settings.vantage,
            beat=self.beat,
        )

    def fetcher(self, watchlist: Watchlist) -> Fetcher:
        """Return a fetcher for a few questions; hosts that are known to rest are left alone."""
        known = migrate.current(self.database) == migrate.HEAD
        rests = SharedRests(self.database, self.settings.vantage) if known else None
        fetching = replace(self._fetching(watchlist, persist=False), give_up=True)
        return Fetcher(fetching, self.now, rests)

    def _terms(self, watchlist: Watchlist) -> Terms:
        second = {name: tuple(store.second_surfaces) for name, store in self.stores.items()}
        return Terms(
            watchlist.every,
            watchlist.policy,
            routes(watchlist),
            watchlist.hold,
            second,
            titles={name: store.title for name, store in self.stores.items()},
            groups=watchlist.groups,
            by_developer=watchlist.incidents == "developer",
        )

    def outbox(self, watchlist: Watchlist) -> Outbox:
        """Return what delivering needs: the channels' addresses, and how messages are worded."""
        urls = {channel.name: self.secret(channel.reference) for channel in watchlist.channels}
        languages = {channel.name: channel.language for channel in watchlist.channels}
        return Outbox(
            self.database,
            urls,
            self.wording(),
            self.now,
            self.owner,
            routes=routes(watchlist),
            languages=languages,
            renamed=self._renamed(watchlist),
            digest=watchlist.digest,
        )

    def wording(self) -> Wording:
        """Return what messages are worded with."""
        return Wording(
            lambda store, listing, place: self.stores[store].page_url(listing, place),
            {name: store.title for name, store in self.stores.items()},
            self.settings.base_url,
            {name: store.second_surfaces for name, store in self.stores.items()},
        )

    @property
    def archive(self) -> Archive | None:
        """Who captures what disappears; None where the settings name nobody."""
        settings = self.settings
        if not settings.wayback_url:
            return None
        return Archive(
            settings.wayback_url,
            settings.wayback_key,
            settings.request_timeout,
            lambda store, listing, place: self.stores[store].page_url(listing, place),
        )

    def _fetching(self, watchlist: Watchlist, *, persist: bool) -> Fetching:
        return Fetching(
            timeout=self.settings.request_timeout,
            max_body=int(self.settings.max_body_mb * 1024 * 1024),
            proxy=self.settings.proxy or None,
            proxies={place: self.secret(name) for place, name in watchlist.proxies.items()},
            persist=persist,
            give_up=persist,
        )


def build(
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    clock: Clock = wall_clock,
) -> Services:
    """Return the services that the environment (and `.env`) describes.

    Nothing is opened or written yet. Raises SettingError with every wrong setting.
    """
    given = os.environ if environment is None else environment
    where = folder or Path.cwd()
    settings = settings_table.load(given, where)
    return Services(
        settings=settings,
        environment=settings_table.read_environment(given, where),
        stores={name: make(settings) for name, make in STORES.items()},
        database=Database(settings.database_url),
        evidence=Evidence(settings.evidence_dir),
        now=clock,
        owner=f"{os.getpid()}-{token_hex(4)}",
        # A clock that is given is believed: there is no other beside it.
        beat=machine_beat() if clock is wall_clock else lambda: None,
        given=given,
        folder=where,
    )


def shown_path(path: Path) -> Path:
    """Return the path as messages show it: relative to the working folder where it lies in it.

    A link stays one: what it leads to may be another file tomorrow.
    """
    with suppress(ValueError, OSError):
        return path.absolute().relative_to(Path.cwd())
    return path


def watched_apps(watchlist: Watchlist) -> list[watching.WatchedApp]:
    """Return the watchlist's apps as the database knows them."""
    return [
        watching.WatchedApp(
            app.id,
            app.name,
            app.tags,
            app.reason,
            app.source,
            app.paused,
            [*app.targets()],
        )
        for app in watchlist.apps
    ]


def routes(watchlist: Watchlist) -> list[Route]:
    """Return what each channel of the watchlist wants to hear."""
    return [
        Route(
            channel.name,
            channel.on,
            channel.apps,
            channel.tags,
            channel.stores,
            channel.storefronts,
            channel.group_for,
            (channel.digest.at, ZoneInfo(channel.digest.zone)) if channel.digest else None,
            _quiet(channel),
            channel.remind,
            channel.pace,
            channel.at_most,
            channel.operator,
        )
        for channel in watchlist.channels
    ]


def _quiet(channel: Channel) -> Quiet | None:
    """Return the channel's quiet hours as routing knows them."""
    if channel.quiet is None:
        return None
    begins, ends, zone = channel.quiet
    breaks = (channel.quiet_unless, channel.quiet_apps, channel.quiet_tags)
    return Quiet(begins, ends, ZoneInfo(zone), *breaks)

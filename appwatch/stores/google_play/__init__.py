"""Google Play: one details page per listing and storefront."""

from typing import Protocol

from appwatch.stores.google_play.store import GooglePlay

__all__ = ["GooglePlay", "from_settings"]


class GooglePlaySettings(Protocol):
    """The settings that Google Play needs."""

    @property
    def google_play_url(self) -> str:
        """Where the details pages are."""
        ...

    @property
    def google_play_cookie(self) -> str:
        """One constant consent cookie, or an empty text."""
        ...

    @property
    def google_play_per_minute(self) -> float:
        """Requests a minute, per host."""
        ...


def from_settings(settings: GooglePlaySettings) -> GooglePlay:
    """Return Google Play as the settings say."""
    return GooglePlay(
        settings.google_play_url, settings.google_play_cookie, settings.google_play_per_minute
    )

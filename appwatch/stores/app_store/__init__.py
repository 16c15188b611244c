"""Apple's App Store: 175 storefronts, asked through the lookup API."""

from typing import Protocol

from appwatch.stores.app_store.second_surfaces import Surfaces
from appwatch.stores.app_store.store import AppStore

__all__ = ["AppStore", "from_settings"]


class AppStoreSettings(Protocol):
    """The settings that the App Store needs."""

    @property
    def apple_lookup_url(self) -> str:
        """Where the lookup API answers."""
        ...

    @property
    def apple_web_url(self) -> str:
        """Where product pages are."""
        ...

    @property
    def apple_platform_url(self) -> str:
        """Where the platform lookup answers."""
        ...

    @property
    def apple_per_minute(self) -> float:
        """Requests a minute, per host."""
        ...


def from_settings(settings: AppStoreSettings) -> AppStore:
    """Return the App Store as the settings say."""
    pace = settings.apple_per_minute
    second = Surfaces(settings.apple_web_url, settings.apple_platform_url, pace)
    return AppStore(settings.apple_lookup_url, pace, second)

"""The stores that appwatch knows. A third one is a folder beside these and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from appwatch.stores import app_store, google_play
from appwatch.stores.base import Store

# Each store names the settings it needs in its own folder, so here they may be any.
STORES: Mapping[str, Callable[[Any], Store]] = MappingProxyType(
    {
        "app_store": app_store.from_settings,
        "google_play": google_play.from_settings,
    }
)

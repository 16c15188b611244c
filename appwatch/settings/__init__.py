"""The settings: one table, read from the environment and from .env in the working folder."""

from appwatch.settings.reading import load, read_environment, read_secret
from appwatch.settings.table import SETTINGS, Setting, Settings, refuse_proxy, settings_table

__all__ = [
    "SETTINGS",
    "Setting",
    "Settings",
    "load",
    "read_environment",
    "read_secret",
    "refuse_proxy",
    "settings_table",
]

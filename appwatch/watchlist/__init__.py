"""The watchlist: what is watched, read from YAML and CSV with every mistake named by its place."""

from appwatch.watchlist.apps import plain_name, slug
from appwatch.watchlist.channels import channel_problems, proxy_problems
from appwatch.watchlist.files import Document, Files, kept_files, met_now
from appwatch.watchlist.model import (
    KINDS,
    Channel,
    Digest,
    StoreRules,
    WatchedApp,
    Watchlist,
)
from appwatch.watchlist.reading import json_schema, load

__all__ = [
    "KINDS",
    "Channel",
    "Digest",
    "Document",
    "Files",
    "StoreRules",
    "WatchedApp",
    "Watchlist",
    "channel_problems",
    "json_schema",
    "kept_files",
    "load",
    "met_now",
    "plain_name",
    "proxy_problems",
    "slug",
]

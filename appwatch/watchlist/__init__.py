"""The watchlist: what is watched, read from YAML and CSV with every mistake named by its place."""

from appwatch.watchlist.apps import made_id, plain_name
from appwatch.watchlist.channels import (
    channel_problems,
    nobody_is_told,
    proxy_problems,
    renamed_channels,
)
from appwatch.watchlist.csv_lists import without_row
from appwatch.watchlist.edits import Edit, judged, save, text_of
from appwatch.watchlist.files import Document, Files, kept_files, met_now
from appwatch.watchlist.model import (
    KINDS,
    LANGUAGES,
    Channel,
    Digest,
    StoreRules,
    WatchedApp,
    Watchlist,
)
from appwatch.watchlist.reading import json_schema, load

__all__ = [
    "KINDS",
    "LANGUAGES",
    "Channel",
    "Digest",
    "Document",
    "Edit",
    "Files",
    "StoreRules",
    "WatchedApp",
    "Watchlist",
    "channel_problems",
    "json_schema",
    "judged",
    "kept_files",
    "load",
    "made_id",
    "met_now",
    "nobody_is_told",
    "plain_name",
    "proxy_problems",
    "renamed_channels",
    "save",
    "text_of",
    "without_row",
]

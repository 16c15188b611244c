"""Carries a store's dialogue over HTTP; the only place that knows httpx."""

from appwatch.fetching.carrier import Carried, Fetcher, Fetching
from appwatch.fetching.pace import NoRests, Rests

__all__ = ["Carried", "Fetcher", "Fetching", "NoRests", "Rests"]

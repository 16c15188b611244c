"""Whether the channels of a watchlist can be used for sending."""

from appwatch.alerts.channels import problem_of
from appwatch.errors import WatchlistError
from appwatch.watchlist import Watchlist
from appwatch.wiring import Services


def refuse_addresses(services: Services, watchlist: Watchlist) -> None:
    """Raise WatchlistError with a line for each channel whose address cannot be used."""
    refused = [
        f"{channel.place}: {why}"
        for channel in watchlist.channels
        if (why := problem_of(channel.name, services.secret(channel.reference)))
    ]
    if refused:
        raise WatchlistError(refused)

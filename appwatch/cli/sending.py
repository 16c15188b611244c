"""Whether the channels of a watchlist can be used for sending."""

from appwatch.alerts.channels import problem_of
from appwatch.cli.entry import Entry
from appwatch.errors import WatchlistError
from appwatch.watchlist import Watchlist
from appwatch.wiring import Services


def unusable(entry: Entry, services: Services, watchlist: Watchlist) -> list[str]:
    """Return a line for each thing that keeps `run` from using a watchlist.

    Its addresses are kept out of every log line from now on. Raises SettingError.
    """
    entry.mind_secrets(services, watchlist)
    return [*services.unset(watchlist), *address_problems(services, watchlist)]


def address_problems(services: Services, watchlist: Watchlist) -> list[str]:
    """Return a line for each channel whose variable is set to what is no usable address."""
    addresses = [(c, services.secret(c.reference)) for c in watchlist.channels]
    return [
        f"{channel.place}: {why}"
        for channel, address in addresses
        if address and (why := problem_of(channel.name, address))
    ]


def refuse_addresses(services: Services, watchlist: Watchlist) -> None:
    """Raise WatchlistError with a line for each channel whose address cannot be used."""
    refused = address_problems(services, watchlist)
    if refused:
        raise WatchlistError(refused)

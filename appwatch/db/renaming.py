"""Lets a channel keep its past, and what waits for it, through a new name."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from appwatch.db.tables import channels, deliveries, reminders, silenced


def rename(connection: Connection, names: Mapping[str, str]) -> None:
    """Call channels by their new names, of which none is in use: old names to new ones."""
    for old, new in names.items():
        # Of a channel that once bore the name, and is no more.
        connection.execute(delete(channels).where(channels.c.name == new))
        connection.execute(delete(reminders).where(reminders.c.channel == new))
        for name in (channels.c.name, deliveries.c.channel, reminders.c.channel):
            connection.execute(update(name.table).where(name == old).values({name: new}))
    for row in connection.execute(select(silenced)).all() if names else ():
        heard = [names.get(channel, channel) for channel in row.heard]
        if heard != row.heard:
            mine = update(silenced).where(silenced.c.id == row.id)
            connection.execute(mine.values(heard=heard))

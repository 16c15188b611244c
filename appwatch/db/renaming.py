"""Lets a channel keep its past, and what waits for it, through a new name."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from appwatch.db.tables import channels, deliveries, reminders, silenced


def rename(connection: Connection, names: Mapping[str, str], *, again: bool = False) -> None:
    """Call channels by their new names, of which none is in use: old names to new ones.

    `again`: they are called so already; what was queued under the old names since then follows.
    """
    for old, new in names.items():
        if not again:
            # Of a channel that once bore the name, and is no more.
            connection.execute(delete(channels).where(channels.c.name == new))
            connection.execute(delete(reminders).where(reminders.c.channel == new))
            connection.execute(update(channels).where(channels.c.name == old).values(name=new))
        waits = update(deliveries).where(deliveries.c.channel == old)
        connection.execute(waits.values(channel=new))
        known = reminders.alias()
        planned = select(known.c.change_id).where(known.c.channel == new)
        owed = update(reminders).where(
            reminders.c.channel == old, reminders.c.change_id.not_in(planned)
        )
        connection.execute(owed.values(channel=new))
    for row in connection.execute(select(silenced)).all() if names else ():
        heard = [names.get(channel, channel) for channel in row.heard]
        if heard != row.heard:
            mine = update(silenced).where(silenced.c.id == row.id)
            connection.execute(mine.values(heard=heard))

import pytest

from appwatch.exports import LISTINGS, VERSION, Listing, data_dictionary

# The outer contract: a column may be added at the end; anything else needs a new version.
CONTRACT = {
    "check": "app store listing storefront outcome reason rule checked_at state",
    "status": "app name store listing storefront state since last_looked_at last_conclusive_at "
    "next_look_at held",
    "changes": "id kind app name store listing storefront before_at after_at confirmed_at rules "
    "looks surfaces scope incident retracted_at",
    "coverage": "store storefront planned done conclusive inconclusive late missed_rounds share",
    "timeline": "app store listing storefront state started_earliest_at started_at "
    "ended_earliest_at ended_at looks inconclusive_looks start_change end_change",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_public_columns_stay_where_they_are(name: str) -> None:
    promised = CONTRACT[name].split()
    assert VERSION == 1
    assert list(LISTINGS[name].names)[: len(promised)] == promised


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=lambda listing: listing.name)
def test_a_table_shows_columns_that_there_are(listing: Listing) -> None:
    assert set(listing.short) <= set(listing.names)
    assert len(set(listing.names)) == len(listing.names)


def test_the_data_dictionary_names_every_column() -> None:
    text = data_dictionary()
    for listing in LISTINGS.values():
        assert f"## {listing.name}\n" in text
        assert all(f"| `{name}` | " in text for name in listing.names)

"""How far a disappearance reaches: a storefront, a group, all that was looked, both stores."""

from collections.abc import Mapping, Sequence

import pytest

from appwatch.domain.scope import Disappearance, Reach, Scope, Sight, incident_words, scope_of

GROUPS = {"greater-china": ("cn", "hk", "mo", "tw"), "asia": ("cn", "hk", "mo", "tw", "jp")}
TITLES = {"google_play": "Google Play"}


def scope(
    elsewhere: Mapping[str, str], beside: Mapping[str, Sequence[Sight]] | None = None
) -> Scope:
    """Return the scope of a disappearance from cn, with these states in other storefronts."""
    sights = [Sight(code, state) for code, state in elsewhere.items()]
    return scope_of("cn", sights, GROUPS, beside or {})


@pytest.mark.parametrize(
    ("elsewhere", "reach", "group"),
    [
        ({}, Reach.ONLY, ""),
        ({"us": "unknown"}, Reach.ONLY, ""),
        ({"us": "available"}, Reach.STOREFRONT, ""),
        ({"us": "never_seen", "gb": "available"}, Reach.STOREFRONT, ""),
        ({"us": "never_seen"}, Reach.ONLY, ""),
        ({"us": "gone"}, Reach.EVERYWHERE, ""),
        ({"us": "suspected"}, Reach.EVERYWHERE, ""),
        ({"hk": "gone", "us": "available"}, Reach.GROUP, "greater-china"),
        ({"hk": "gone", "jp": "gone", "us": "available"}, Reach.GROUP, "asia"),
        ({"hk": "gone", "tw": "available"}, Reach.SEVERAL, ""),
        ({"hk": "gone", "fr": "gone", "us": "available"}, Reach.SEVERAL, ""),
        ({"hk": "suspected", "us": "available"}, Reach.SEVERAL, ""),
    ],
)
def test_reach_is_as_far_as_was_looked(
    elsewhere: Mapping[str, str], reach: Reach, group: str
) -> None:
    found = scope(elsewhere)
    assert (found.reach, found.group) == (reach, group)


def test_a_sentence_names_what_is_gone_missed_and_still_there() -> None:
    found = scope({"hk": "suspected", "us": "available"})
    told = "Gone from cn; missed but not confirmed in hk; still listed in us."
    assert found.sentence(TITLES) == told
    india = scope({"in": "suspected"}).sentence(TITLES)
    assert "missed but not confirmed in India (in)" in india
    everywhere = scope({"hk": "gone"}).sentence(TITLES)
    assert everywhere == "Gone from cn, hk: everywhere that was looked (2 storefronts)."
    assert scope({}).sentence(TITLES) == "Gone from cn, the only storefront that was looked at."


def test_a_sentence_calls_nothing_gone_where_it_was_never_seen() -> None:
    alone = scope({"us": "never_seen", "gb": "never_seen"}).sentence(TITLES)
    assert alone == "Gone from cn; not found in gb, us, where it is not known to have been."
    several = scope({"hk": "gone", "us": "never_seen"}).sentence(TITLES)
    assert several == "Gone from cn, hk; not found in us, where it is not known to have been."
    one_left = scope({"hk": "available", "us": "never_seen"}).sentence(TITLES)
    assert one_left == "Gone from cn; still listed in hk."


def test_a_sentence_says_where_no_look_could_tell() -> None:
    told = scope({"us": "unknown"}).sentence(TITLES)
    assert told == "Gone from cn; unknown in us, where no recent look could tell."
    listed = scope({"us": "unknown", "gb": "available"})
    assert (listed.unknown, listed.listed) == (("us",), ("gb",))
    assert listed.sentence(TITLES).endswith("could tell; still listed in gb.")


def test_a_group_is_named_where_all_of_it_is_gone_that_was_looked_at() -> None:
    told = scope({"hk": "gone", "us": "available"}).sentence(TITLES)
    assert told == (
        "Gone from cn, hk (all of greater-china that was looked at); still listed in us."
    )


def test_the_other_store_is_told_where_it_is_gone_there_too() -> None:
    beside = {"google_play": [Sight("us", "gone"), Sight("in", "available")]}
    found = scope({"us": "available"}, beside)
    assert found.beside == {"google_play": ("us",)}
    assert found.sentence(TITLES).endswith("It is gone from Google Play (us) as well.")
    assert scope({}, {"google_play": [Sight("us", "available")]}).beside == {}


def test_an_incident_reaches_as_far_as_its_latest_changes_tell() -> None:
    first = Disappearance("a", "app_store", "several")
    last = Disappearance("a", "app_store", "group", "asia")
    assert incident_words([first, last]) == ("group asia",)


def test_both_stores_and_a_whole_developer_are_words_of_their_own() -> None:
    here = Disappearance("a", "app_store", "only")
    there = Disappearance("a", "google_play", "everywhere")
    assert incident_words([here, there]) == ("only", "everywhere", "both stores")
    sister = Disappearance("b", "app_store", "only", siblings=1, siblings_gone=1)
    assert incident_words([here, sister]) == ("only", "developer")
    alone = Disappearance("b", "app_store", "only", siblings=2, siblings_gone=1)
    assert incident_words([here, alone]) == ("only",)

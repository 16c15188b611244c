"""What is proposed as the same app: by name and developer, never by less."""

from appwatch.asking import likely
from appwatch.domain.model import Facts
from appwatch.stores.base import Candidate

FACTS = Facts("Jike - 即刻", "Ruguo Inc.")


def test_both_the_same_come_before_one_of_them_and_neither_is_left_out() -> None:
    name = Candidate("a", "jike 即刻", "Somebody")
    developer = Candidate("b", "Other", "Ruguo, Inc.")
    both = Candidate("c", "Jike: 即刻", "RUGUO INC")
    neither = Candidate("d", "Jikes", "Somebody")
    assert likely([neither, developer, name, both], FACTS) == [both, name, developer]


def test_nothing_known_is_like_nothing() -> None:
    assert likely([Candidate("a", "", ""), Candidate("b", "!", "?")], Facts()) == []

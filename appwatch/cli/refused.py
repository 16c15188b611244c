"""Says what is wrong with the watchlist in the folder, while another one is in force."""

from appwatch.cli import saying
from appwatch.db.watchlist_problems import Kind, Problem


def tell_problem(problem: Problem) -> None:
    """Say since when it is refused, and what to do."""
    since = f"since {problem.since:%Y-%m-%d %H:%M} UTC"
    if problem.kind is Kind.WAITING:
        says = " ".join(problem.text.splitlines())
        saying.note(f"An edit of the watchlist waits {since}. {says}")
        return
    first, *more = problem.text.splitlines()
    why = first.rstrip(".")
    rest = f" (and {len(more)} more)" if more else ""
    saying.note(
        f"The watchlist is rejected {since}, the one before it stays in force: {why}{rest}; "
        "run: appwatch watchlist validate"
    )

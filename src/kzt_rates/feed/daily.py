"""The daily XML: all rates of one date."""

from datetime import date

from kzt_rates.dates import bank_date
from kzt_rates.errors import Blink, FeedError, excerpt
from kzt_rates.figures import Day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.figures import Received


def path(day: date) -> str:
    """Return what to ask the bank for, below its base URL."""
    return f"/rss/get_rates.cfm?fdate={bank_date(day)}"


def read(body: bytes, day: date, received: "Received") -> Day | None:
    """Return the sheet of a date, or `None` where the bank says that it has none.

    Raises `FeedError` for an answer that is no sheet of that date, its subclass `Blink` for
    one that is neither a sheet nor a refusal.
    """
    from kzt_rates.feed import xml  # lxml is loaded when there is something to read

    try:
        root = xml.parse(body)
        if root.tag != "rates":
            raise FeedError(f"the bank's answer is <{root.tag}>, not <rates>")
        dates = list(root.iterchildren("date"))
        if len(dates) != 1:
            raise FeedError(f"the bank's answer has {len(dates)} dates")
        answered = xml.bank_day(dates[0].text)
        if answered != day:
            raise FeedError(f"the bank answered for {answered}, and was asked for {day}")
        items = xml.items(root)
        if not items:
            if next(root.iterchildren("info"), None) is not None:
                return None
            raise Blink(f"the bank answered for {day} with neither rates nor an explanation")
        return xml.sheet(items, day, "daily", received)
    except FeedError as error:
        error.excerpt = error.excerpt or excerpt(body)
        raise

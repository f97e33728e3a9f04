"""The latest RSS: the newest sheet the bank has published, which may be tomorrow's."""

from kzt_rates.errors import Blink, FeedError, excerpt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.figures import Day, Received

PATH = "/rss/rates_all.xml"


def read(body: bytes, received: "Received") -> "Day":
    """Return the newest sheet.

    Items of dead currencies stay in the feed for years under their own date; only those of
    the newest date are the sheet. Raises `FeedError`, or its subclass `Blink` for no items.
    """
    from kzt_rates.feed import xml  # lxml is loaded when there is something to read

    try:
        root = xml.parse(body)
        channels = list(root.iterchildren("channel"))
        if root.tag != "rss" or len(channels) != 1:
            raise FeedError(
                f"the bank's answer is <{root.tag}> with {len(channels)} channels, not RSS"
            )
        items = xml.items(channels[0])
        if not items:
            raise Blink("the bank answered without any rates")
        dated = [(xml.bank_day(item.get("pubDate")), item) for item in items]
        newest = max(day for day, _ in dated)
        of_newest = [item for day, item in dated if day == newest]
        return xml.sheet(of_newest, newest, "latest", received)
    except FeedError as error:
        error.excerpt = error.excerpt or excerpt(body)
        raise

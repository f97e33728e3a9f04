"""What the bank is asked, and what it answered: the words between plans and transport."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kzt_rates.figures import Day

    # The body and the instant of the `Date` header, which not every server sends.
    Read = Callable[[bytes, datetime | None], list[Day]]

MAX_XML_BYTES = 1024 * 1024  # of a feed of 11 KB


class Fetch:
    """Ask the bank, again where that may help, and read its answer.

    `read` takes the body, of at most `max_bytes`. Its `Blink` is asked again, another
    `FeedError` is not. `refresh` wants the bank's own word, from no cache in between.
    """

    __slots__ = ("max_bytes", "path", "read", "refresh")

    def __init__(
        self, path: str, read: "Read", max_bytes: int = MAX_XML_BYTES, *, refresh: bool = False
    ) -> None:
        self.path = path
        self.read = read
        self.max_bytes = max_bytes
        self.refresh = refresh


class Answer:
    """The bank's answer: the days it has rates for, none where it said that it has none.

    `url`, `server_time` (of the `Date` header) and `excerpt` tell where it came from.
    """

    __slots__ = ("days", "excerpt", "server_time", "url")

    def __init__(
        self, days: "list[Day]", url: str, server_time: "datetime | None", excerpt: str
    ) -> None:
        self.days = days
        self.url = url
        self.server_time = server_time
        self.excerpt = excerpt

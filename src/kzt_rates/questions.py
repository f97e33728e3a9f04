"""What the bank is asked, and what it answered: the words between plans and transport."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kzt_rates.figures import Day


class Fetch:
    """Ask the bank, again where that may help, and read its answer.

    `read` takes the body. Its `Blink` is asked again, another `FeedError` is not.
    """

    __slots__ = ("path", "read")

    def __init__(self, path: str, read: "Callable[[bytes], Day | None]") -> None:
        self.path = path
        self.read = read


class Answer:
    """The bank's answer: a day, or `None` where it said that it has none.

    `url`, `server_time` (of the `Date` header) and `excerpt` tell where it came from.
    """

    __slots__ = ("day", "excerpt", "server_time", "url")

    def __init__(
        self, day: "Day | None", url: str, server_time: "datetime | None", excerpt: str
    ) -> None:
        self.day = day
        self.url = url
        self.server_time = server_time
        self.excerpt = excerpt

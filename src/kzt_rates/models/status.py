"""How fresh is what is known here."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel


class FeedStatus(BaseModel, frozen=True, extra="forbid"):
    """When a feed of the bank last answered, and when and why it last failed.

    `last_success` is when it last gave an answer that could be read, `last_error_at` when it
    last could not be had or was not believed, and `last_error` why; `None` where that never was.
    """

    last_success: dt.datetime | None = None
    last_error_at: dt.datetime | None = None
    last_error: str | None = None


class Status(BaseModel, frozen=True, extra="forbid"):
    """How fresh is what is known here: in the packaged archive and the cache.

    `today` is the date in Kazakhstan. `newest_complete` is the newest day whose whole sheet is
    known, `newest_asked` the date of the newest sheet when the bank was last asked for it, at
    `asked_at`. `archive_end` is the last complete day of the archive. `missed` are the days after
    it, today included, of which a sync or a sheet would still ask; without an archive those after
    the first complete day.

    `feeds` has a `FeedStatus` for `"latest"`, `"daily"` and `"export"`: what this client met
    since it was made. The cache does not keep it, but for the last answer of `"latest"`.
    """

    today: dt.date
    newest_complete: dt.date | None
    newest_asked: dt.date | None
    asked_at: dt.datetime | None
    archive_end: dt.date | None
    missed: tuple[dt.date, ...]
    feeds: Mapping[Literal["latest", "daily", "export"], FeedStatus]

    __str__ = BaseModel.__repr__

    def __hash__(self) -> int:
        return hash((self.today, self.newest_complete, self.asked_at, self.archive_end))

"""What a fault of the stand-in bank is: a name, what it does, and where it takes hold."""

from dataclasses import dataclass, field

from kzt_rates.testing.faults.answers import SpoilBytes
from kzt_rates.testing.faults.documents import Spoil
from kzt_rates.testing.faults.workbooks import SpoilExport
from kzt_rates.testing.http import EVERY_FEED, FeedName
from kzt_rates.testing.options import FaultOptions
from kzt_rates.testing.wire import Wire


@dataclass(frozen=True)
class Fault:
    """A fault: what the bank does, and which options of `fail` shape it.

    It takes hold of the document (the export has one of its own), of the bytes and headers,
    or of the way they are sent. `feeds` are those it can happen to.
    """

    name: str
    does: str
    options: tuple[str, ...] = ()
    feeds: tuple[FeedName, ...] = EVERY_FEED
    document: Spoil | None = field(default=None, repr=False)
    export: SpoilExport | None = field(default=None, repr=False)
    answer: SpoilBytes | None = field(default=None, repr=False)
    wire: Wire | None = field(default=None, repr=False)

    def check(self, options: FaultOptions) -> None:
        """Raise `TypeError` for an option that this fault does not take."""
        strange = sorted(options.keys() - set(self.options))
        if strange:
            takes = ", ".join(self.options) or "none"
            raise TypeError(f"the fault {self.name!r} has no option {strange[0]!r}; it has {takes}")

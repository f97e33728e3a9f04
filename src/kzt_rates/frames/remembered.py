"""The rates on record of a client as arrays, read once and again when anybody has written."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from kzt_rates.frames.ratios import Span
from kzt_rates.plans.steps import load_series, load_stamp

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    from kzt_rates.client import Client
    from kzt_rates.figures import Entry
    from kzt_rates.frames.lookups import Table
    from kzt_rates.frames.rate_table import RateTable
    from kzt_rates.plans.steps import Steps, Terms

    T = TypeVar("T")
    _Known = tuple[
        Hashable, dict[str, "OnRecord"], dict[Hashable, Table], dict[Hashable, RateTable]
    ]

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9999, 12, 31)


class OnRecord(NamedTuple):
    """One currency's final rates, and its drafts as they are on record."""

    final: Span
    drafts: "list[Entry]"


class Remembered:
    """What a client's store has, by code; `look_again` sees what was written since."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self.look_again()

    def look_again(self) -> bool:
        """Forget all if anybody has written to the store since it was read; say so.

        A store that cannot tell is read anew each time, and nobody is said to have written.
        """
        stamp = self.run(load_stamp())
        known = _known.get(self._client)
        is_new = known is None or known[0] != stamp
        if known is None or stamp is None or is_new:
            known = _known[self._client] = stamp, {}, {}, {}
        self._by_code, self.tables, self.joined = known[1:]
        return is_new

    def of(self, code: str) -> OnRecord:
        """Return what is on record of a code."""
        found = self._by_code.get(code)
        if found is None:
            points = self.run(load_series(code, FIRST_DAY, LAST_DAY))
            drafts = [point for point in points if not point[3]]
            found = self._by_code[code] = OnRecord(Span.of_points(points), drafts)
        return found

    def run(self, plan: "Steps[T]") -> "T":
        """Drive a plan with the client."""
        return self._client._run(plan)  # noqa: SLF001  # frames are a face of the client's house

    @property
    def terms(self) -> "Terms":
        """Return what the client's plans work on."""
        return self._client._core.terms  # noqa: SLF001  # as above


# with what it was read from, and the tables that were made of it
_known: "WeakKeyDictionary[Client, _Known]" = WeakKeyDictionary()

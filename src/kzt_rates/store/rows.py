"""The tables of the archive and of the cache, which are the same, and their rows as values.

`figure`  one published figure by code and day; the digits are text, as published
`code`    every code there is a figure of, so that a whole day is one seek per code
`day`     the days whose codes are all known, and which of them have a figure here
`mark`    what else was said of a day, of what kind, about whom, and when:
          `silence` a feed has no rate for the day
          `blank`   the range export has an empty cell for a code
          `absent`  the range export has no row of the day, a code was asked for
          `refusal` a code's figure is not believed; `text` is the reason
          `listing` the codes of a feed's last sheet; `text` names them

A row carries a seal, a number made of what it holds: one bit that flips on a disk or in memory
would make another rate of it, unnoticed. What is read is held against its seal, and a
row that nobody here can have written is a `ValueError`. The seal of a figure is a sum, so that
thousands of rows are checked by one: what code, day and value make, and the nominal, and whether
it is final. The rest of a figure has a seal of its own, which only readers of all of it need.
A text is sealed by its bytes as a number, modulo a prime: of two that differ in one bit the
numbers differ by a power of two. A CRC tells no more of that, and its module takes 0.8 % of a cold
conversion to load. Sums of numbers are sums of columns, too: a range makes no text a row.
"""

from datetime import date, datetime
from functools import lru_cache

from kzt_rates.figures import MAX_NOMINAL, MAX_VALUE_CHARACTERS, Day, Figure, Listing, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kzt_rates.figures import Source

    # Day, kind and about whom; when and what.
    Marks = dict[tuple[str, str], tuple[str, str | None]]

# "KZTR": tells a cache from somebody else's SQLite file.
APPLICATION_ID = 0x4B5A5452

VERSION = 3

# Added to `user_version` once a refreshed figure is written: that one counts before the archive's,
# and where the mark is not set, nobody who finds a day in the archive need open the cache.
REFRESHED = 1 << 16

TABLES = (
    """CREATE TABLE figure (
        code TEXT NOT NULL,
        day TEXT NOT NULL,
        value TEXT NOT NULL,
        nominal INTEGER NOT NULL,
        change TEXT,
        name TEXT,
        feed TEXT NOT NULL,
        final INTEGER NOT NULL,
        fetched_at TEXT,
        refreshed INTEGER NOT NULL,
        seal INTEGER NOT NULL,
        seal_of_rest INTEGER NOT NULL,
        PRIMARY KEY (code, day)
    ) WITHOUT ROWID""",
    "CREATE TABLE code (code TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE day (
        day TEXT PRIMARY KEY,
        final INTEGER NOT NULL,
        fetched_at TEXT,
        codes TEXT NOT NULL,
        seal INTEGER NOT NULL,
        seal_of_rest INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE mark (
        day TEXT NOT NULL,
        kind TEXT NOT NULL,
        about TEXT NOT NULL,
        at TEXT NOT NULL,
        text TEXT,
        seal INTEGER NOT NULL,
        PRIMARY KEY (day, kind, about)
    ) WITHOUT ROWID""",
    "CREATE INDEX latest ON mark (day) WHERE kind = 'listing' AND about = 'latest'",
)


def version_mark(*, refreshed: bool = False) -> str:
    """Return the SQL that says of which version a file is, and whether figures were refreshed."""
    return f"PRAGMA user_version = {VERSION + (REFRESHED if refreshed else 0)}"


def creation() -> "list[str]":
    """Return the SQL that makes a new file."""
    return [*TABLES, f"PRAGMA application_id = {APPLICATION_ID}", version_mark()]


FIGURE_COLUMNS = (
    "code, day, value, nominal, change, name, feed, final, fetched_at, refreshed,"
    " seal, seal_of_rest"
)
# A prime, so that a seal fits four bytes. Two is a primitive root of it: no two bits that flip in a
# text cancel each other out.
SEAL = 2**31 - 19
# Keeps apart what a value and what a day add to a sum.
VALUE_FACTOR = 1_000_003
DAY_CHARACTERS = 10

FEEDS = ("daily", "latest", "export", "archive")


def read_figure(row: "Sequence[Any]", source: "Source") -> "tuple[str, Figure]":
    """Return code and figure of a row of `FIGURE_COLUMNS`."""
    code, day, value, nominal, change, name, feed, final, fetched_at, refreshed, seal, rest = row
    from_bytes = int.from_bytes
    expected = _number_of_code(code) + from_bytes(day.encode())
    expected = (expected + VALUE_FACTOR * from_bytes(value.encode())) % SEAL + 2 * nominal + final
    if seal != expected or rest != _seal_of_rest(change, name, feed, fetched_at, refreshed):
        raise ValueError(f"damaged figure {value!r:.40} per {nominal!r:.40}")
    if not (_is_number(value) and value.strip("0.") and is_nominal(nominal) and feed in FEEDS):
        raise ValueError(f"unreadable figure {value!r:.40} per {nominal!r:.40}")
    if change is not None and not _is_number(change[change[:1] in ("+", "-") :]):
        raise ValueError(f"unreadable change {change!r:.40}")
    figure = Figure(
        value,
        nominal,
        change,
        name,
        feed=feed,
        final=final == 1,
        fetched_at=read_instant(fetched_at),
        source=source,
        refreshed=refreshed == 1,
    )
    return code, figure


@lru_cache(maxsize=256)  # the same codes come again and again
def _number_of_code(code: str) -> int:
    """Return what a code adds to the seals of its figures; `ValueError` for what is none."""
    return (numbers((read_code(code),)) << 8 * DAY_CHARACTERS) % SEAL


def numbers(texts: "Iterable[str]") -> int:
    """Return the sum of some texts' bytes as numbers, which their seals are made of."""
    return sum(map(int.from_bytes, map(str.encode, texts)))


def sum_of_seals(code: str, count: int, days: int, values: int) -> int:
    """Return the sum, modulo `SEAL`, of the seals of figures, of what `numbers` made of them."""
    return (count * (numbers((code,)) << 8 * DAY_CHARACTERS) + days + VALUE_FACTOR * values) % SEAL


def write_figures(
    figures: "Mapping[str, Sequence[tuple[str, Figure]]]",
) -> "Iterator[tuple[object, ...]]":
    """Return rows of `FIGURE_COLUMNS` of days and figures by code."""
    # once for many: they came in one answer, of the same days
    instant: datetime | None = None
    fetched_at: str | None = None
    rests: dict[object, int] = {}
    days: dict[str, int] = {}
    for code, of_code in figures.items():
        number = numbers((code,)) << 8 * DAY_CHARACTERS
        for day, figure in of_code:
            if figure.fetched_at is not instant:
                instant, fetched_at = figure.fetched_at, write_instant(figure.fetched_at)
            if day not in days:
                days[day] = numbers((day,))
            value, nominal, change = figure.value, figure.nominal, figure.change
            final, refreshed = 1 if figure.final else 0, 1 if figure.refreshed else 0
            key = change, figure.name, figure.feed, fetched_at, refreshed
            rest = rests.get(key)
            if rest is None:
                rest = rests[key] = _seal_of_rest(*key)
            seal = number + days[day] + VALUE_FACTOR * int.from_bytes(value.encode())
            yield (
                code, day, value, nominal, change, figure.name, figure.feed, final, fetched_at,
                refreshed, seal % SEAL + 2 * nominal + final, rest,
            )  # fmt: skip


def write_day(day: Day) -> "tuple[object, ...]":
    """Return the row of a complete day."""
    codes = " ".join(sorted(day.figures))
    return seal_row_of_day(day.date.isoformat(), day.final, write_instant(day.fetched_at), codes)


def seal_row_of_day(
    day: str, final: "bool | int", at: "str | None", codes: str
) -> "tuple[object, ...]":
    """Return the row of a complete day with its seals."""
    final = int(final)
    return day, final, at, codes, _sealed(day) + final, _sealed(f"{at}|{codes}")


def marks_of(day: Day) -> "Marks":
    """Return what is known of a day besides figures, as the tables have it."""
    marks: Marks = {}
    for kind, instants in (
        ("silence", day.silences),
        ("blank", day.blanks),
        ("absent", day.absent),
    ):
        for about, at in instants.items():
            marks[kind, about] = at.isoformat(), None
    for code, refusal in day.refused.items():
        marks["refusal", code] = refusal.at.isoformat(), refusal.reason
    for feed, listing in day.listings.items():
        marks["listing", feed] = listing.at.isoformat(), " ".join(sorted(listing.codes))
    return marks


def write_mark(
    day: str, kind: str, about: str, at: str, text: "str | None" = None
) -> "tuple[object, ...]":
    """Return the row of a mark."""
    return day, kind, about, at, text, _seal_of_mark(day, kind, about, at, text)


def _sealed(text: str) -> int:
    return int.from_bytes(text.encode()) % SEAL


def _seal_of_mark(day: str, kind: str, about: str, at: str, text: "str | None") -> int:
    return _sealed(f"{day}|{kind}|{about}|{at}|{text}")


def _seal_of_rest(
    change: "str | None", name: "str | None", feed: str, fetched_at: "str | None", refreshed: int
) -> int:
    if feed == "archive" and change is name is fetched_at is None and refreshed == 0:
        return 0  # which takes no room in the file
    return _sealed(f"{change}|{name}|{feed}|{fetched_at}|{refreshed}")


class Parts:
    """What is read of a day, until it is whole."""

    __slots__ = ("codes", "fetched_at", "figures", "final", "marks")

    def __init__(self) -> None:
        self.figures: dict[str, Figure] = {}
        self.codes: set[str] | None = None
        self.final = False
        self.fetched_at: datetime | None = None
        self.marks: dict[str, dict[Any, Any]] = {}

    def add_day(self, row: "Sequence[Any]") -> None:
        """Add the row of a complete day."""
        day, final, at, codes, seal, rest = row
        if seal != _sealed(day) + final or rest != _sealed(f"{at}|{codes}"):
            raise ValueError(f"damaged day {day!r:.40}")
        self.codes, self.final, self.fetched_at = set(codes.split()), final == 1, read_instant(at)

    def add_mark(self, row: "Sequence[Any]") -> None:
        """Add a row of the marks."""
        day, kind, about, at, text, seal = row
        if seal != _seal_of_mark(day, kind, about, at, text):
            raise ValueError(f"damaged mark of {day!r:.40}")
        instant = _read_instant(at)
        value: object = instant
        if kind == "refusal":
            value = Refusal(text, instant)
        elif kind == "listing":
            value = Listing(frozenset(text.split()), instant)
        self.marks.setdefault(kind, {})[about] = value

    def day(self, on: date, codes: "Collection[str] | None", source: "Source") -> Day:
        """Return the day; `ValueError` where a figure that was kept is not there any more."""
        if self.codes is not None:
            wanted = self.codes if codes is None else self.codes.intersection(codes)
            if not wanted <= self.figures.keys():
                raise ValueError(f"lost a figure of {on}")
        marks = self.marks
        return Day(
            on,
            self.figures,
            complete=self.codes is not None,
            final=self.final,
            fetched_at=self.fetched_at,
            source=source,
            refused=marks.get("refusal"),
            silences=marks.get("silence"),
            blanks=marks.get("blank"),
            absent=marks.get("absent"),
            listings=marks.get("listing"),
        )


def read_instant(text: "str | None") -> "datetime | None":
    """Return an aware instant, or `None` where the row has none."""
    return None if text is None else _read_instant(text)


@lru_cache(maxsize=64)  # what came in one answer came at one instant
def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"hour without a time zone {text!r}")
    return instant


def write_instant(instant: "datetime | None") -> "str | None":
    """Return an instant as ISO text."""
    return None if instant is None else instant.isoformat()


def read_code(code: object) -> str:
    """Return the code of a row."""
    if not (isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(f"unreadable code {code!r:.40}")
    if not code.isupper():
        raise ValueError(f"unreadable code {code!r:.40}")
    return code


def is_nominal(nominal: object) -> bool:
    """Whether a row's nominal is one that the bank can have printed."""
    return isinstance(nominal, int) and 0 < nominal <= MAX_NOMINAL


def _is_number(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= MAX_VALUE_CHARACTERS
        and text.isascii()
        and text.replace(".", "", 1).isdigit()
    )

"""The rows of the tables as values; `ValueError` for a row that nobody here can have written."""

from datetime import date, datetime

from kzt_rates.figures import MAX_NOMINAL, MAX_VALUE_CHARACTERS, Day, Figure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kzt_rates.figures import Feed, Source

FIGURE_COLUMNS = "value, nominal, change, name, feed, final, fetched_at"


def read_figure(row: "Sequence[Any]", source: "Source") -> Figure:
    """Return the figure of a row of `FIGURE_COLUMNS`."""
    value, nominal, change, name, feed, final, fetched_at = row
    if not (_is_number(value) and value.strip("0.") and is_nominal(nominal)):
        raise ValueError(f"unreadable figure {value!r:.40} per {nominal!r:.40}")
    if change is not None and not _is_number(change[change[:1] in ("+", "-") :]):
        raise ValueError(f"unreadable change {change!r:.40}")
    if name is not None and not isinstance(name, str):
        raise ValueError(f"unreadable name {name!r:.40}")
    return Figure(
        value,
        nominal,
        change,
        name,
        feed=feed,
        final=bool(final),
        fetched_at=read_instant(fetched_at),
        source=source,
    )


def write_figure(
    code: str, on: str, new: Figure, old: "Figure | None", feed: "Feed", fetched_at: "str | None"
) -> "tuple[object, ...]":
    """Return the row of a figure: an equal answer adds to what is known and takes nothing away."""
    change, name, final = new.change, new.name, new.final
    if old is not None and old.same_as(new):
        change, name, final = change or old.change, name or old.name, final or old.final
    return (code, on, new.value, new.nominal, change, name, feed, final, fetched_at)


def read_refusals(text: str) -> dict[str, str]:
    """Return the reasons by code."""
    pairs = [line.split("\t", 1) for line in text.splitlines()]
    if not all(len(pair) == 2 for pair in pairs):
        raise ValueError(f"unreadable refusals {text[:40]!r}")
    return dict(pairs)


def write_refusals(day: Day) -> str:
    """Return the reasons by code, a line each."""
    return "\n".join(f"{code}\t{' '.join(why.split())}" for code, why in day.refused.items())


def read_instant(text: "str | None") -> "datetime | None":
    """Return an aware instant, or `None` where the row has none."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"hour without a time zone {text!r}")
    return instant


def write_instant(instant: "datetime | None") -> "str | None":
    """Return an instant as ISO text."""
    return None if instant is None else instant.isoformat()


def read_note(text: str) -> tuple[date, datetime]:
    """Return the date of the newest latest sheet, and when it came."""
    day, _, at = text.partition(" ")
    instant = read_instant(at)
    if instant is None:
        raise ValueError(f"unreadable note {text[:40]!r}")
    return date.fromisoformat(day), instant


def write_note(day: Day) -> str:
    """Return the note of a latest sheet."""
    return f"{day.date.isoformat()} {write_instant(day.fetched_at)}"


def read_code(code: object) -> str:
    """Return the code of a row."""
    if not (isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(f"unreadable code {code!r:.40}")
    if not code.isupper():
        raise ValueError(f"unreadable code {code!r:.40}")
    return code


def is_nominal(nominal: object) -> bool:
    """Say whether a row's nominal is one that the bank can have printed."""
    return isinstance(nominal, int) and 0 < nominal <= MAX_NOMINAL


def _is_number(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= MAX_VALUE_CHARACTERS
        and text.isascii()
        and text.replace(".", "", 1).isdigit()
    )

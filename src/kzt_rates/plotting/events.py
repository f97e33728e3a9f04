"""The devaluations of the tenge: the first day of each new rate, and what to call it."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kzt_rates.dates import parse_date
from kzt_rates.figures import KZT
from kzt_rates.plotting.i18n import full_date

if TYPE_CHECKING:
    from kzt_rates.models.series import Series
    from kzt_rates.typing import DateLike, Language


class Event(NamedTuple):
    """A day to mark, and the words beside the mark."""

    day: dt.date
    text: str


_FLOAT: "dict[Language, str]" = {
    "en": "the tenge floats",
    "kk": "еркін құбылмалы бағам",
    "ru": "свободно плавающий курс",
}
_DEVALUATION: "dict[Language, str]" = {
    "en": "devaluation",
    "kk": "девальвация",
    "ru": "девальвация",
}

# Each is the first effective date of the new rate, the day after the trading that made it.
DEVALUATIONS: "tuple[tuple[dt.date, dict[Language, str]], ...]" = (
    # Reported, without a figure on record here: announced on Sunday 4 April 1999, in force from
    # the Monday. Whether the official rate of that Monday or of the Tuesday was the first new one
    # is not known.
    (dt.date(1999, 4, 5), _FLOAT),
    # Reported, without a figure on record here: on 4 February 2009 the exchange's morning session,
    # whose average was the next day's official rate then, closed at 143.98 after 122.32.
    (dt.date(2009, 2, 5), _DEVALUATION),
    # Reported, without a figure on record here: announced on 11 February 2014, whose own official
    # rate was still 155.5.
    (dt.date(2014, 2, 12), _DEVALUATION),
    # Seen in the bank's figures: 188.38 for 2015-08-20, the day of the announcement, 255.26 for
    # the next.
    (dt.date(2015, 8, 21), _FLOAT),
)


def events_of(
    series: "Series", events: "bool | Mapping[DateLike, str]", language: "Language"
) -> list[Event]:
    """Return the events to mark in a series: those that lie between its start and its end.

    `True` stands for the devaluations, where the tenge is one of the pair.
    """
    if isinstance(events, bool):
        has_tenge = (series.base == KZT) != (series.quote == KZT)
        marked = [
            Event(day, f"{full_date(day, language)}, {names[language]}")
            for day, names in DEVALUATIONS
            if events and has_tenge
        ]
    else:
        if not isinstance(events, Mapping):
            raise TypeError(
                f"events is True, False or a mapping of dates to words, not {type(events).__name__}"
            )
        marked = sorted(Event(parse_date(day), text) for day, text in events.items())
    return [event for event in marked if series.start <= event.day <= series.end]

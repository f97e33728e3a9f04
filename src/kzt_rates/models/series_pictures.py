"""What a series gives to look at."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import kzt_rates.typing
from kzt_rates.models.series_parts import require_rates
from kzt_rates.process import require
from kzt_rates.typing import DateLike, Language

if TYPE_CHECKING:
    from kzt_rates.models.series import Series


class SeriesPictures:
    """The pictures of a series; matplotlib is imported when one is wanted."""

    def plot(
        self,
        ax: "kzt_rates.typing.PlotAxes | None" = None,
        *,
        language: "Language" = "en",
        events: "bool | Mapping[DateLike, str]" = False,
        label: str | None = None,
        title: str | None = None,
    ) -> "kzt_rates.typing.PlotAxes":
        """Draw the series, and return matplotlib's axes: `ax`, or those of a new pyplot figure.

        A rate stands on its day, until the next one, and a resampled value on its period, so that
        the line is one of steps. Days without a rate are gaps in it, carried days are dotted and
        provisional ones dashed. Draw several series on the same axes to compare them: what the
        values are is then said anew for all of them, and a legend has their labels.

        `language` is `"en"`, `"kk"` or `"ru"`. `events=True` marks the devaluations of the tenge
        that are in the series' range, each on the first day of the new rate, if the tenge is
        one of the pair; a mapping of dates to words marks others. `label` and `title` replace
        the usual words; an empty `title` is none.

        Raises `RateNotFound` where the series has no rate at all, `ValueError` for another
        language, and `ImportError` where matplotlib is not installed.

        >>> from matplotlib.figure import Figure
        >>> from kzt_rates.models import Series
        >>> rates = {"2015-08-20": "188.38", "2015-08-21": "255.26"}
        >>> series = Series(base="USD", quote="KZT", start="2015-08-20", end="2015-08-21",
        ...                 dates=rates.keys(), values=rates.values())
        >>> axes = series.plot(Figure().add_subplot(), language="ru", events=True)
        >>> axes.get_title(), axes.get_ylabel(), axes.texts[0].get_text()
        ('Официальный курс: доллар США', '₸ за 1 USD', '21 авг. 2015 г., свободно плавающий курс')
        """
        series = cast("Series", self)
        require("matplotlib", "plot")
        from kzt_rates.money import parse_language
        from kzt_rates.plotting.drawing import draw
        from kzt_rates.plotting.events import events_of
        from kzt_rates.plotting.picture import new_axes

        words = parse_language(language)
        marked = events_of(series, events, words)
        require_rates(series, "picture", series.missing, allow_missing=True)
        axes = new_axes() if ax is None else ax
        draw(series, axes, language=words, events=marked, label=label, title=title)
        return axes

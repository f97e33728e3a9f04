"""Pictures by themselves: new axes for a notebook, and the bytes of a file."""

import io
from typing import TYPE_CHECKING

from matplotlib import rc_context, rcParams
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from matplotlib.axes import Axes

    from kzt_rates.models.series import Series
    from kzt_rates.typing import DateLike, Language

INCHES = (8, 4.5)
DOTS_PER_INCH = 200  # 1600 by 900
# What would differ from one writing to the next, or name this machine's version.
SILENT: "dict[str, dict[str, Any]]" = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def new_axes() -> "Axes":
    """Return the axes of a new figure of pyplot's, which a notebook shows by itself."""
    from matplotlib import pyplot as plt

    return _dressed(plt.figure(figsize=INCHES, layout="constrained"))


def picture_bytes(
    series: "Series",
    form: str,
    *,
    language: "Language" = "en",
    events: "bool | Mapping[DateLike, str]" = False,
) -> bytes:
    """Return a file of the series: `"png"`, `"svg"` or `"pdf"`, the same bytes each time.

    No display is needed, and the letters of an SVG are outlines, so that no font is either.
    """
    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    series.plot(_dressed(figure), language=language, events=events)
    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "kzt_rates", "svg.fonttype": "path"}):
        figure.savefig(content, format=form, dpi=DOTS_PER_INCH, metadata=SILENT[form])
    return content.getvalue()


def _dressed(figure: Figure) -> "Axes":
    """Return axes with quiet lines, on ground that dark letters can be read on."""
    if to_rgba(rcParams["figure.facecolor"])[3] < 1:  # a dark page would shine through
        figure.set_facecolor(rcParams["axes.facecolor"])
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.margins(x=0.02)
    return axes

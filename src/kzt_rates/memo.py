"""The warm path: final rates by what was asked for, one look-up away."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    from kzt_rates.arithmetic import Ratio

# Fifty currencies on a year of days; about 10 MB when it is full.
MAX_RATIOS = 20_000


class Memo(dict["Hashable", "Ratio"]):
    """Ratios of final figures by (base, quote, day), as the caller wrote them.

    Nothing provisional ever enters. It is emptied when this client learns that the bank
    corrected a figure, and when it is full: what is asked for all day is back at once. What
    another process learns of a final figure is seen by the next client.
    """

    def __init__(self) -> None:
        super().__init__()
        self._corrections = 0

    def corrections(self) -> int:
        """Return how often it was emptied by a correction; take it before looking a figure up."""
        return self._corrections

    def remember(self, key: "Hashable", ratio: "Ratio", corrections: int) -> None:
        """Keep a ratio, unless a figure was corrected since it was looked up."""
        if len(self) >= MAX_RATIOS:
            self.clear()
        self[key] = ratio
        if corrections != self._corrections:  # asked after writing: a correction may come between
            self.pop(key, None)

    def correct(self) -> None:
        """Forget everything, because a figure was corrected."""
        self._corrections += 1
        self.clear()

"""What is most likely meant by an argument that a command does not take."""

from kzt_rates.dates import parse_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

# Between two currencies, as people say it.
BETWEEN = ("to", "in", "into", "=", "->", "в")


def why_no_quote(word: str, command: str = "convert") -> str:
    """Return why a word is no second currency, where it is a date or a word between the two."""
    if word.lower() in BETWEEN:
        example = "convert 100 USD EUR" if command == "convert" else "history USD EUR --last 3m"
        return f"leave out {word!r}: kzt-rates {example}"
    if _is_date(word):
        options = f"--start {word} or --end {word}" if command == "history" else f"--on {word}"
        return f"a date is given as {options}"
    return ""


def why_no_more(options: "Namespace", rest: "Sequence[str]") -> str:
    """Return why arguments are too many, with the option or the command that takes them."""
    first, command = rest[0].partition("=")[0], options.command
    if command in ("convert", "history") and options.quote.lower() in BETWEEN:
        return why_no_quote(options.quote, command)
    if command == "history" and first == "--on":
        return "--on is for one day; give --start and --end"
    if command == "latest" and (first == "--on" or _is_date(first)):
        return "latest takes no date; kzt-rates sheet does"
    if command == "convert" and _is_date(first):
        return why_no_quote(first)
    if command == "history" and _is_date(first):
        return why_no_quote(first, command)
    return f"unrecognized arguments: {' '.join(rest)}"


def _is_date(word: str) -> bool:
    try:
        parse_date(word)
    except ValueError:
        return False
    return True

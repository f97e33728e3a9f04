"""`--format` and `--output` of the commands whose answer is a series or a sheet."""

from argparse import ArgumentTypeError

from kzt_rates.cli.arguments import add_format
from kzt_rates.cli.interrupts import undisturbed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from kzt_rates.interchange.texts import Document
    from kzt_rates.models import RateSheet, Series

FORMATS = ("table", "json", "csv", "parquet")


def add_saving(parser: "ArgumentParser") -> None:
    """Add the format of an answer, and the file that it may go to."""
    add_format(parser, FORMATS)
    parser.add_argument(
        "--output",
        type=_parse_file_text,
        metavar="FILE",
        help="write the answer to a file, over one that is there (parquet: nowhere else)",
    )
    parser.set_defaults(check=lambda options: check_saving(parser, options))


def check_saving(parser: "ArgumentParser", options: "Namespace") -> None:
    """End with a usage error where the answer is for no terminal and there is no file for it."""
    if options.format == "parquet" and options.output is None:
        parser.error("--format parquet needs --output FILE")


def prepare(options: "Namespace") -> None:
    """Raise `ImportError` before anything is asked, where the format needs what is not there."""
    if options.format == "parquet":
        from kzt_rates.extras import require

        with undisturbed():
            require("pyarrow", "frames")
            require("pyarrow.parquet", "frames")


def deliver(
    options: "Namespace",
    model: "Series | RateSheet",
    document: "Callable[[], Document]",
    table: "Callable[[], str]",
) -> str | None:
    """Return the answer in the format chosen, or write it to the file chosen and return `None`."""
    form, file = options.format, options.output
    if form == "parquet":
        model.to_parquet(file)
    elif file is None:
        if form == "csv":
            return model.to_csv().removesuffix("\n")
        if form == "table":
            return table()
        from kzt_rates.cli.formats import json_text

        return json_text(document())
    elif form == "csv":
        model.to_csv(file)
    elif form == "json":
        model.to_json(file)
    else:
        from kzt_rates.interchange.files import put

        put(table(), file)
    return None


def _parse_file_text(text: str) -> str:
    if text in ("", "-"):
        raise ArgumentTypeError("it is a file's name; without one the answer goes to stdout")
    return text

"""`--format` and `--output` of the commands whose answer is a series or a sheet."""

import errno
import os
from argparse import ArgumentTypeError

from kzt_rates.cli.interrupts import undisturbed
from kzt_rates.cli.terminal import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from kzt_rates.models import RateSheet, Series

FORMATS = ("table", "json", "csv", "parquet")

# What a file's ending promises to whoever opens it.
WRITERS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table"}
PICTURES = (".png", ".svg", ".pdf")


def add_saving(parser: "ArgumentParser") -> None:
    """Add the file that an answer may go to, whose ending may be the format."""
    parser.set_defaults(format=None)
    parser.add_argument(
        "--output",
        type=_parse_file_text,
        metavar="FILE",
        help="write to a file, replacing an old one; the ending .csv, .json or .parquet sets "
        "the format",
    )
    parser.set_defaults(check=lambda options: check_saving(parser, options))


def check_saving(parser: "ArgumentParser", options: "Namespace") -> None:
    """Settle the format; end with a usage error where the file's ending promises another."""
    if options.output is None:
        options.format = options.format or FORMATS[0]
        if options.format == "parquet":
            parser.error("--format parquet needs --output FILE")
        return
    ending = os.path.splitext(options.output)[1].lower()
    promised, shown = WRITERS.get(ending), one_line(options.output)[-40:]
    if ending in PICTURES and options.command == "history":
        parser.error(f"--output {shown}: a picture needs --plot FILE")
    if ending and promised is None:
        parser.error(f"--output {shown}: cannot write {ending} files; use .csv, .json or .parquet")
    if options.format is None:
        if promised in (None, "table"):
            parser.error(
                f"--output {shown}: unknown format; use a file .csv, .json or .parquet, "
                "or add --format"
            )
        options.format = promised
    elif promised not in (None, options.format):
        parser.error(f"--output {shown}: the ending {ending} contradicts --format {options.format}")


def prepare(options: "Namespace") -> None:
    """Raise before anything is asked, where a library or the folder of the file is not there."""
    folder = os.path.dirname(options.output or "") or os.curdir
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), options.output)
    if options.format == "parquet":
        from kzt_rates.process import require

        with undisturbed():
            require("pyarrow", "frames")
            require("pyarrow.parquet", "frames")


def deliver(
    options: "Namespace",
    model: "Series | RateSheet",
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
        from kzt_rates.cli.output import json_text

        return json_text(model.to_dict())
    elif form == "csv":
        model.to_csv(file)
    elif form == "json":
        model.to_json(file)
    else:
        from kzt_rates.tables.files import put

        put(table(), file)
    return None


def _parse_file_text(text: str) -> str:
    if text in ("", "-"):
        raise ArgumentTypeError("not a file name; without --output the answer goes to stdout")
    return text

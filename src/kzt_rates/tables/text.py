"""Rows and documents as text: CSV and JSON, with every digit and no binary float."""

from datetime import date, datetime
from decimal import Decimal

DECIMALS = (".", ",")
DELIMITERS = (",", ";", "\t", "|")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kzt_rates.typing import Value


def json_text(
    document: "Mapping[str, object] | Sequence[Mapping[str, object]]", *, ascii_only: bool = False
) -> str:
    """Return indented JSON: numbers as strings, dates ISO; with `ascii_only` letters escaped.

    >>> print(json_text({"date": date(2022, 12, 20), "rate": Decimal("1E+2")}))
    {
      "date": "2022-12-20",
      "rate": "100"
    }
    """
    import json

    return json.dumps(_plain(document), ensure_ascii=ascii_only, indent=2)


def csv_text(
    columns: "Sequence[str]",
    rows: "Iterable[Mapping[str, Value]]",
    *,
    decimal: str = ".",
    delimiter: str = ",",
) -> str:
    r"""Return a header and a line for each row; empty where there is no value.

    Raises `ValueError` for a mark before the decimals other than `.` and `,`, and for a
    delimiter that may be part of a date or a figure.

    >>> csv_text(["nominal", "change"], [{"nominal": 10, "change": None, "name": "драм"}])
    'nominal,change\n10,\n'
    """
    import csv
    import io

    _check_marks(decimal, delimiter)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([_cell(row[column], decimal) for column in columns] for row in rows)
    return text.getvalue()


def _check_marks(decimal: str, delimiter: str) -> None:
    if not isinstance(decimal, str) or not isinstance(delimiter, str):
        raise TypeError("decimal and delimiter are text of one character")
    if decimal not in DECIMALS:
        raise ValueError(f"decimal is '.' or ',', not {decimal!r}")
    if len(delimiter) != 1 or delimiter not in DELIMITERS:
        raise ValueError(
            f"delimiter is one of {' '.join(map(repr, DELIMITERS))}, not {delimiter!r}"
        )
    if decimal == delimiter:
        raise ValueError(
            f"decimal and delimiter are both {decimal!r}: a cell would end at its decimals; "
            "give delimiter=';'"
        )


def _cell(value: "Value", decimal: str) -> str:
    text = text_of(value)
    return text.replace(".", decimal) if isinstance(value, Decimal) else text


def text_of(value: "Value") -> str:
    """Return a value as text: no exponent, dates ISO, `true` and `false`, nothing for `None`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    assert isinstance(value, int | Decimal | date | datetime)
    return text_of(value)

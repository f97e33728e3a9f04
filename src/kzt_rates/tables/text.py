"""Rows and documents as text: CSV and JSON, with every digit and no binary float."""

from datetime import date, datetime
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    from kzt_rates.typing import Value

    Document: TypeAlias = "Mapping[str, Value | Document | Sequence[Value | Document]]"


def json_text(document: "Document | Sequence[Document]", *, ascii_only: bool = False) -> str:
    """Return indented JSON: numbers as strings, dates ISO; with `ascii_only` letters escaped.

    >>> print(json_text({"date": date(2022, 12, 20), "rate": Decimal("1E+2")}))
    {
      "date": "2022-12-20",
      "rate": "100"
    }
    """
    import json

    return json.dumps(_plain(document), ensure_ascii=ascii_only, indent=2)


def csv_text(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Value]]") -> str:
    r"""Return a header and a line for each row; empty where there is no value.

    >>> csv_text(["nominal", "change"], [{"nominal": 10, "change": None, "name": "драм"}])
    'nominal,change\n10,\n'
    """
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([text_of(row[column]) for column in columns] for row in rows)
    return text.getvalue()


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

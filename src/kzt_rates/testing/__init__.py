"""A stand-in bank and a settable clock: to test code that needs the tenge's official rates.

`StandInBank` is a real HTTP server on this machine. It serves the bank's feeds and its range
export from the sheets it is given, with faults on demand. pytest finds the fixtures `kzt_bank`,
`kzt_clock`, `kzt_client` and `kzt_async_client` wherever kzt_rates is installed.
`python -m kzt_rates.testing` serves the packaged archive.

>>> from kzt_rates.testing import StandInBank
>>> with StandInBank({"2025-12-05": {"USD": "499.65", "AMD": ("13.14", 10)}}) as bank:
...     bank.fail("status", status=503, retry_after=1)  # FAULTS lists what else can go wrong
...     print(bank.requests)
()
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kzt_rates.printing import Published, Sheet, daily_xml, range_xlsx, rates_all_xml
    from kzt_rates.testing.bank import SettableClock, StandInBank
    from kzt_rates.testing.faults import FAULTS, Fault
    from kzt_rates.testing.http import Request
    from kzt_rates.testing.sheets import DAILY_HOLES, archive_sheets, dense_sheets
    from kzt_rates.testing.store_contract import StoreContract

__all__ = [
    "DAILY_HOLES",
    "FAULTS",
    "Fault",
    "Published",
    "Request",
    "SettableClock",
    "Sheet",
    "StandInBank",
    "StoreContract",
    "archive_sheets",
    "daily_xml",
    "dense_sheets",
    "range_xlsx",
    "rates_all_xml",
]

_HOMES = {
    "DAILY_HOLES": "testing.sheets",
    "FAULTS": "testing.faults",
    "Fault": "testing.faults",
    "Published": "printing",
    "Request": "testing.http",
    "SettableClock": "testing.bank",
    "Sheet": "printing",
    "StandInBank": "testing.bank",
    "StoreContract": "testing.store_contract",
    "archive_sheets": "testing.sheets",
    "daily_xml": "printing",
    "dense_sheets": "testing.sheets",
    "range_xlsx": "printing",
    "rates_all_xml": "printing",
}


def __getattr__(name: str) -> object:
    # pytest imports this package in every run of everyone who has kzt_rates installed
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"kzt_rates.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Where the runner keeps what it builds, and what it tells the workers."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "benchmarks"
PREPARED = BUILD / "prepared"

STORE = PREPARED / "rates.sqlite"  # 39 currencies on every day of 25 years
SHEET = PREPARED / "sheet.xml"  # the bank's daily XML of one day, 48 codes
ECB_FILE = PREPARED / "rates.zip"  # the rates of the store, as CurrencyConverter reads them

_BANK = "BENCHMARKS_BANK"


def bank_url() -> str:
    """Return the address of the stand-in bank; each of its answers waits 50 ms."""
    return os.environ[_BANK]


def environment(bank: str) -> dict[str, str]:
    """Return the variables of a worker: nothing of the user's settings, bytecode written."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KZT_RATES_", "PYTHON"))
    }
    # an empty home: no cache of the user's answers, none is written into his own
    home = {"HOME": str(BUILD / "home"), "XDG_CACHE_HOME": str(BUILD / "home")}
    return {**kept, **home, _BANK: bank, "KZT_RATES_OFFLINE": "1", "PYTHONHASHSEED": "0"}

"""One conversion with nothing cached: the sheet is asked of the stand-in bank."""

import os

os.environ.update(
    KZT_RATES_BASE_URL=os.environ["BENCHMARKS_BANK"],
    KZT_RATES_OFFLINE="0",
    KZT_RATES_CACHE="off",
    KZT_RATES_ARCHIVE="off",
)

import kzt_rates

kzt_rates.convert(100, "USD", on="2024-06-03")

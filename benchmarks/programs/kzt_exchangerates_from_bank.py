"""One conversion by python-kzt-exchangerates: it asks for the latest sheet first."""

import os

from kzt_exchangerates import Rates

Rates.rss_url = os.environ["BENCHMARKS_BANK"] + "/rss/{endpoint}"
100 * Rates().get_exchange_rate("USD", from_kzt=True, date="03.06.2024")

"""One conversion by CurrencyConverter with the rates it comes with; `Decimal` as an argument."""

import sys
from datetime import date

from currency_converter import CurrencyConverter

converter = CurrencyConverter(decimal="Decimal" in sys.argv)
converter.convert(100, "USD", "EUR", date=date(2016, 3, 4))

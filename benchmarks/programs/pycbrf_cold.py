"""One conversion by pycbrf, whose request is answered at once with one rate."""

from types import SimpleNamespace

import pycbrf.utils
from pycbrf import ExchangeRates

body = (
    b'<ValCurs Date="03.06.2024"><Valute ID="R01235"><NumCode>840</NumCode>'
    b"<CharCode>USD</CharCode><Nominal>1</Nominal><Name>USD</Name><Value>89,25</Value>"
    b"</Valute></ValCurs>"
)
pycbrf.utils.requests.get = lambda *_, **__: SimpleNamespace(content=body)
100 * ExchangeRates("2024-06-03")["USD"].rate

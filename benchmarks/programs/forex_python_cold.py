"""One conversion by forex-python, whose request is answered at once."""

import json
from datetime import date
from types import SimpleNamespace

from forex_python import converter

rates = {"rates": {"KZT": 447.5}}
answer = SimpleNamespace(status_code=200, json=lambda: json.loads(json.dumps(rates)))
converter.requests.get = lambda *_, **__: answer
converter.convert("USD", "KZT", 100, date(2024, 6, 3))

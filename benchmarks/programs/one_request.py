"""One request for the same sheet, by the standard library's client."""

import os
from http.client import HTTPConnection

connection = HTTPConnection(os.environ["BENCHMARKS_BANK"].removeprefix("http://"))
connection.request("GET", "/rss/get_rates.cfm?fdate=03.06.2024")
connection.getresponse().read()

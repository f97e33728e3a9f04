"""The faults of the stand-in bank by name: what `StandInBank.fail` can be asked for."""

from collections.abc import Mapping
from types import MappingProxyType

from kzt_rates.testing import wire
from kzt_rates.testing.export_faults import EXPORT_FAULTS
from kzt_rates.testing.faults import answers as spoil_bytes
from kzt_rates.testing.faults import documents as spoil
from kzt_rates.testing.faults import workbooks as spoil_export
from kzt_rates.testing.faults.fault import Fault
from kzt_rates.testing.http import XML_FEEDS, FeedName
from kzt_rates.testing.lies import EXPORT_LIES, LIES

_SHEETS: tuple[FeedName, ...] = (*XML_FEEDS, "export")


_NETWORK = (
    Fault("refuse", "closes the connection without a word", wire=wire.refuse),
    Fault("reset", "resets the connection (RST) in the middle of the body", wire=wire.reset),
    Fault("timeout", "never answers", wire=wire.say_nothing),
    Fault(
        "slow",
        "answers after `seconds` (1) and closes the connection",
        ("seconds",),
        wire=wire.answer_slowly,
    ),
    Fault("stall", "falls silent in the middle of the body", wire=wire.stall),
    Fault("drip", "sends the body a byte at a time, for ever", ("every",), wire=wire.drip),
    Fault(
        "drip_headers",
        "sends a header a byte at a time, for ever",
        ("every",),
        wire=wire.drip_headers,
    ),
    Fault("endless", "sends a body that never ends, at full speed", wire=wire.send_endlessly),
    Fault(
        "truncated_transfer",
        "closes the connection before as much as Content-Length promises",
        wire=wire.truncate_transfer,
    ),
)
_HTTP = (
    Fault(
        "status",
        "answers with a status (503 if none is given), maybe with a Retry-After, text or seconds",
        ("status", "retry_after"),
        answer=spoil_bytes.status,
    ),
    Fault(
        "redirect_elsewhere",
        "redirects to another origin; if none is given, to itself as `localhost`",
        ("location",),
        answer=spoil_bytes.redirect_elsewhere,
    ),
    Fault(
        "redirect_here",
        "redirects to a path of its own that has the right answer",
        answer=spoil_bytes.redirect_here,
    ),
    Fault("redirect_loop", "redirects for ever", answer=spoil_bytes.redirect_loop),
    Fault("no_date_header", "leaves the Date header out", answer=spoil_bytes.no_date_header),
    Fault(
        "date_header",
        "sends a Date header that is `skew` off (a day behind if not given), or just `text`",
        ("skew", "text"),
        answer=spoil_bytes.date_header,
    ),
)
_BYTES = (
    Fault("html", "answers 200 with a web page", answer=spoil_bytes.html),
    Fault("empty", "answers 200 with an empty body", answer=spoil_bytes.empty),
    Fault(
        "truncated_xml",
        "answers with half a document, as its Content-Length says",
        feeds=XML_FEEDS,
        answer=spoil_bytes.truncated_xml,
    ),
    Fault(
        "oversized",
        "pads a good document to `size` bytes (XML with spaces to 2 MiB, the export with a part"
        " more to 16 MiB)",
        ("size",),
        answer=spoil_bytes.oversized,
    ),
    Fault(
        "gzip_bomb",
        "sends little gzip that unpacks to `size` bytes (300 MiB)",
        ("size",),
        answer=spoil_bytes.gzip_bomb,
    ),
    Fault(
        "unknown_encoding",
        "sends garbage under `Content-Encoding: br`",
        answer=spoil_bytes.unknown_encoding,
    ),
    Fault("dtd", "puts a DOCTYPE into a good document", feeds=XML_FEEDS, answer=spoil_bytes.dtd),
    Fault(
        "external_entity",
        "refers to an external entity (`target`, else file:///etc/passwd)",
        ("target",),
        feeds=XML_FEEDS,
        answer=spoil_bytes.external_entity,
    ),
    Fault(
        "billion_laughs",
        "nests entities ten times ten",
        feeds=XML_FEEDS,
        answer=spoil_bytes.billion_laughs,
    ),
    Fault(
        "utf8_as_cp1251",
        "declares windows-1251 and is UTF-8",
        feeds=XML_FEEDS,
        answer=spoil_bytes.utf8_as_cp1251,
    ),
    Fault(
        "cp1251_as_utf8",
        "declares UTF-8 and is windows-1251",
        feeds=XML_FEEDS,
        answer=spoil_bytes.cp1251_as_utf8,
    ),
    Fault(
        "other_root",
        "names the root element otherwise",
        feeds=XML_FEEDS,
        answer=spoil_bytes.other_root,
    ),
    Fault(
        "error_element", "says <rates><error>", feeds=XML_FEEDS, answer=spoil_bytes.error_element
    ),
)
_DOCUMENT = (
    Fault(
        "blink",
        "sends the envelope with neither items nor info",
        feeds=XML_FEEDS,
        document=spoil.blink,
    ),
    Fault(
        "no_items",
        "leaves the items out; an info stays (the export: the rows)",
        feeds=_SHEETS,
        export=spoil_export.no_rows,
        document=spoil.no_items,
    ),
    Fault(
        "no_rate",
        "says that there is no rate for the date",
        feeds=XML_FEEDS,
        document=spoil.no_rate,
    ),
    Fault(
        "no_date",
        "leaves the date out (in the RSS every pubDate, in the export that of the row `date`, else"
        " of the first with a rate)",
        ("date",),
        feeds=_SHEETS,
        export=spoil_export.no_date,
        document=spoil.no_date,
    ),
    Fault(
        "another_date",
        "dates the sheet `date`, or a day too early",
        ("date",),
        feeds=XML_FEEDS,
        document=spoil.another_date,
    ),
    Fault(
        "far_future",
        "dates the sheet `date`, or thirty days after today",
        ("date",),
        feeds=XML_FEEDS,
        document=spoil.far_future,
    ),
    Fault(
        "duplicate_code",
        "says `code` (USD) twice, the second time with `value`, or with the same",
        ("code", "value"),
        feeds=XML_FEEDS,
        document=spoil.duplicate_code,
    ),
    Fault(
        "bad_code",
        "writes `code` (USD) as `text` (Usd)",
        ("code", "text"),
        feeds=_SHEETS,
        export=spoil_export.bad_code,
        document=spoil.bad_code,
    ),
    Fault(
        "bad_value",
        "gives `code` (USD) the `value` (-1), or none at all for None; in the export in the row"
        " `date`, else in the first with a rate",
        ("code", "value", "date"),
        feeds=_SHEETS,
        export=spoil_export.bad_value,
        document=spoil.bad_value,
    ),
    Fault(
        "bad_nominal",
        "gives `code` (USD) the `nominal` (0), or none at all for None; in the export as above",
        ("code", "nominal", "date"),
        feeds=_SHEETS,
        export=spoil_export.bad_nominal,
        document=spoil.bad_nominal,
    ),
    Fault("no_usd", "leaves the dollar out", feeds=XML_FEEDS, document=spoil.no_usd),
    Fault(
        "few_codes",
        "keeps the dollar and some others, `keep` (5) in all",
        ("keep",),
        feeds=XML_FEEDS,
        document=spoil.few_codes,
    ),
    Fault(
        "wrong_changes",
        "says `change` (+77.77) for the changes of `codes` (all)",
        ("codes", "change"),
        feeds=XML_FEEDS,
        document=spoil.wrong_changes,
    ),
)

_ALL = (*_NETWORK, *_HTTP, *_BYTES, *_DOCUMENT, *LIES, *EXPORT_FAULTS, *EXPORT_LIES)

FAULTS: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})


def find_fault(name: str) -> Fault:
    """Return the fault of that name; raises `ValueError` naming those there are."""
    try:
        return FAULTS[name]
    except KeyError:
        known = ", ".join(sorted(FAULTS))
        raise ValueError(f"no fault is called {name!r}; known are {known}") from None

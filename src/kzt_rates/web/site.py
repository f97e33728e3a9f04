"""The answers of the service as plain files, for whoever has no server.

Every file is what the service answers at the same path. All of them are written into a folder
beside the site, which then takes the site's place at once: whatever ends the writing before leaves
the site as it was.
"""

import asyncio
import json
import os
import re
import shutil
import stat
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from itertools import accumulate, chain, compress
from json.encoder import encode_basestring as quoted
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from kzt_rates import printing
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, each_day
from kzt_rates.errors import KztRatesError, RateNotFound
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS
from kzt_rates.figures import KZT, Day, Entry
from kzt_rates.plans import (
    StoreCall,
    load,
    load_bounds,
    load_days,
    load_latest,
    load_newcomers,
    load_series,
)
from kzt_rates.plans.day import sheet_on
from kzt_rates.plans.rules import is_overtaken
from kzt_rates.web import shapes
from kzt_rates.web.api import days_lacking, is_silent
from kzt_rates.web.embed import files as files_to_look_at
from kzt_rates.web.frankfurter import BASE
from kzt_rates.web.line import CONTENT_POLICY
from kzt_rates.web.lookup import has_all
from kzt_rates.web.mirror import is_printable
from kzt_rates.web.service import SECURITY, Service

if TYPE_CHECKING:
    from kzt_rates.client import Client
    from kzt_rates.plans import Steps, Terms

MANIFEST = "manifest.json"
GENERATOR = "kzt_rates export-site"
PARQUET = "api/v1/all.parquet"

# A path below the site, and what makes the file.
File = tuple[str, Callable[[], bytes]]

# Files that are an answer of the service whatever the rates are: path of the file, and what is
# asked for. Whoever adds one adds it here.
PAGES: tuple[tuple[str, str], ...] = (
    ("openapi.json", "/openapi.json"),
    ("v1/openapi.json", "/v1/openapi.json"),
    ("v2/openapi.json", "/v2/openapi.json"),
    ("api/v1/errors.txt", "/api/v1/errors"),
    ("llms.txt", "/llms.txt"),
)

# How long a file may be repeated. A host does not know which day it is: a day's is an hour.
A_DAY = (
    "Cache-Control",
    "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
)
NEWEST = ("Cache-Control", "public, max-age=300, stale-if-error=86400")
UNFRAMED = ("Content-Security-Policy", "frame-ancestors 'none'")
XML = ("Content-Type", shapes.MEDIA_TYPES["xml"])
HEADERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("/api/v1/sheet/*", (A_DAY,)),
    ("/v2/rates/*", (A_DAY,)),
    ("/rss/get_rates/*", (A_DAY, XML)),
    ("/rss/rates_all.xml", (NEWEST, XML)),
    ("/rss/rates.xml", (NEWEST, XML)),
    # A host joins policies of several rules, and all of them hold: only /embed may be framed.
    *((path, (NEWEST, UNFRAMED)) for path in (
        "/", "/index.html", "/day/*", "/kk/*", "/en/*", "/chart/*",
    )),
    *((path, (NEWEST,)) for path in ("/embed/*", "/badge/*", "/feed.xml")),
    *((path, (NEWEST,)) for path in (
        "/api/v1/history/*", "/api/v1/latest.json", "/api/v1/latest.csv", "/api/v1/all.parquet",
        "/api/v1/currencies.json", "/v1/*", "/v2/rate/*", "/v2/currency/*", "/v2/rates.json",
        "/v2/rates.csv", "/v2/currencies.json", "/v2/providers.json", "/manifest.json",
    )),
)  # fmt: skip


class NotOurs(ValueError):
    """A folder that holds what no export has written; nothing in it is touched."""


class Exported(NamedTuple):
    """What an export wrote: how much there is, what differs from before, and what is gone."""

    newest: date
    files: int
    size: int
    changed: list[str]
    removed: list[str]
    parquet: bool


# size and SHA-256 of each file by path
Manifest = dict[str, tuple[int, str]]


def export_site(
    client: "Client",
    folder: str,
    *,
    start: date | None = None,
    only_changed: bool = False,
    base_path: str = "",
) -> Exported:
    """Write a site of all that is known into a folder, which is made, or was made by an export.

    Nobody is asked. `start` leaves out the days before it. `only_changed` keeps files that are the
    same, with their times. `base_path` is where the site will be, such as `/rates`.
    Raises `RateNotFound` where no day is known whole, `NotOurs` for a folder with other files, and
    `OSError`.
    """
    with _Naming(folder):  # the folder that one is in may be gone
        place = os.path.realpath(folder)
    old = _manifest_of(place, folder)
    with (
        _Site(client, start or EXPORT_STARTS, base_path) as site,
        _Folder(place, folder, old if only_changed else {}) as target,
    ):
        for path, make in site.files():
            target.write(path, make())
        parquet = site.parquet()
        if parquet is not None:
            target.write(PARQUET, parquet)
        for path, make in site.latest():
            target.write(path, make())
        written = target.finish({"newest": f"{site.newest.date}", "base_path": base_path})
        newest = site.newest.date
    return Exported(
        newest,
        len(written),
        sum(size for size, _ in written.values()),
        [path for path, of_file in written.items() if old.get(path) != of_file],
        sorted(old.keys() - written.keys()),
        parquet is not None,
    )


# --- what is in it ---------------------------------------------------------------------------


# A figure as it is written: digits, nominal, digits per unit, value, whether it is final.
_Figure = tuple[str, int, str, Decimal, bool]
_Figures = dict[str, _Figure]

# The change and the name of a currency that the bank's own sheet gave.
Moves = Mapping[str, tuple[str | None, str | None]]
UNMOVED = None, None


class _Points(NamedTuple):
    """The final figures of a currency, a column each."""

    days: Sequence[date]
    texts: Sequence[str]
    nominals: Sequence[int]
    units: Sequence[str]

    def only(self, kept: Sequence[bool]) -> Self:
        """Return the chosen ones."""
        days, texts = compress(self.days, kept), compress(self.texts, kept)
        nominals, units = compress(self.nominals, kept), compress(self.units, kept)
        return type(self)([*days], [*texts], [*nominals], [*units])


class _Site:
    """The files of a site, in the order in which they are written."""

    def __init__(self, client: "Client", start: date, base_path: str) -> None:
        self._service = Service(client, "none")
        self._lookup = self._service.lookup
        self._base_path = base_path
        self._loop = asyncio.Runner()
        self._days: dict[date, Day] = {}
        self._last: _Written | None = None
        try:
            self._load(start)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._service.aclose())
        self._loop.close()

    def files(self) -> Iterator[File]:
        """Return the files of days and currencies, and the pages."""
        yield from self._of_days()
        for code, points in self._points.items():
            if points.days:
                for form in ("json", "csv"):
                    yield (
                        f"api/v1/history/{code}.{form}",
                        partial(self._history, code, form),
                    )
        for path, asked in PAGES:
            yield path, partial(self.get, asked)
        yield "404.json", self._not_found
        yield "_headers", self._headers
        yield ".nojekyll", lambda: b""
        yield "robots.txt", lambda: b"User-agent: *\nAllow: /\n"

    def latest(self) -> Iterator[File]:
        """Return the files that name the newest day, which come last."""
        for path in ("api/v1/currencies", "v1/currencies", "v2/currencies", "v2/providers"):
            yield f"{path}.json", partial(self.get, f"/{path}")
        for code in sorted({*self._bounds, KZT}):
            yield f"v2/currency/{code}.json", partial(self.get, f"/v2/currency/{code}")
        if self._final is not None:
            yield from self._of_final(*self._final)
        for path, made in files_to_look_at(self._lookup):
            yield path, partial(bytes, made)
        newest = self.newest
        if has_all(newest):
            yield "api/v1/latest.csv", lambda: shapes.sheet("csv", newest, newest.date)
        yield "api/v1/latest.json", lambda: shapes.sheet("json", newest, newest.date)

    def get(self, path: str) -> bytes:
        """Return what the service answers."""
        return self._loop.run(self._ask(path))

    async def _ask(self, path: str) -> bytes:
        bare, _, query = path.partition("?")
        scope = {
            "type": "http", "method": "GET", "path": f"{self._base_path}{bare}",
            "root_path": self._base_path, "query_string": query.encode(), "headers": [],
        }  # fmt: skip
        status, pieces = 0, []

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.append(message.get("body", b""))

        await self._service(scope, receive, send)
        body = b"".join(pieces)
        if status != 200:
            raise KztRatesError(f"{path} is not answered: {body.decode()[:200]}")
        return body

    # --- what is known -----------------------------------------------------------------------

    def _read(self, plan: "Callable[[Terms], Steps[Any]]") -> Any:
        return self._lookup.read(plan).value

    def _load(self, start: date) -> None:
        self._today = self._lookup.today()
        end = self._today + MAX_DAYS_AHEAD * ONE_DAY
        span = list(each_day(start, end)) if start <= end else []

        def add_points(_: "Terms") -> "Steps[None]":
            for code in sorted(self._bounds):
                self._add(code, (yield from load_series(code, start, end)))

        def has_refreshed(_: "Terms") -> "Steps[bool]":
            found: bool = yield StoreCall(lambda store: store.may_know_better())
            return found

        self._bounds: dict[str, tuple[date, date]] = self._read(lambda _: load_bounds())
        # of no code: what is known of the days besides figures, which takes most of the time
        sketches: list[Day] = self._read(lambda _: load_days(span, ())) if span else []
        has_better = self._read(has_refreshed)
        self._figures: dict[date, _Figures] = {day: {} for day in span}
        self._points: dict[str, _Points] = {}
        self._drafts: set[date] = set()
        self._read(add_points)
        self._sketches = {day.date: day for day in sketches}
        # a day of which all was refused has a sheet, too, which says so
        self._figures = {
            day: figures
            for day, figures in self._figures.items()
            if figures or self._sketches[day].refused
        }
        # On a final sheet of the archive or of the export nothing is known but values. A feed that
        # is silent by now may have had a sheet, with changes and names.
        self._plain = {
            day.date
            for day in sketches
            if day.complete and day.final
            and not (day.refused or day.listings or day.silences)
            and day.date not in self._drafts and not has_better
        }  # fmt: skip
        self._find_newest(start)

    def _add(self, code: str, points: "list[Entry]") -> None:
        """Add the figures of a currency to those of the days, and its final ones as columns."""
        days, values, nominals, finals = zip(*points, strict=True) if points else [()] * 4
        texts = shapes.texts(values)
        units = shapes.units(texts, values, nominals)
        figures = zip(texts, nominals, units, values, finals, strict=True)
        for of_day, figure in zip(map(self._figures.__getitem__, days), figures, strict=True):
            of_day[code] = figure
        of_all = _Points(days, texts, nominals, units)
        if not all(finals) or (days and days[-1] > self._today):
            pairs = list(zip(days, finals, strict=True))
            self._drafts.update(day for day, final in pairs if not final)
            of_all = of_all.only([final and day <= self._today for day, final in pairs])
        self._points[code] = of_all

    def _find_newest(self, start: date) -> None:
        newest: Day | None = None
        latest = self._read(lambda _: load_latest())
        self._final: tuple[Day, Day] | None = None
        for on in sorted(self._figures, reverse=True):
            day = self._whole(on)
            if day is None or not (day.complete and day.figures) or is_overtaken(day, latest):
                continue
            if newest is None or is_printable(day, self._today):
                # with the bank's changes, as the service gives it; of an old day all may be known
                # though no sheet of it ever came
                day = self._known(on, details=True).replace(complete=True)
            newest = newest or day
            if on <= self._today and is_printable(day, self._today):
                self._final = day, self._known(on - ONE_DAY)
                break
        if newest is None:
            raise RateNotFound(
                f"no day since {start} is known whole, so there is nothing to export: "
                "fill the cache with `kzt-rates sync`",
                date=start,
                reason="not_available_here",
            )
        self.newest = newest

    def _known(self, on: date, *, details: bool = False) -> Day:
        day: Day = self._read(lambda _: load(on, details=details))
        return day

    def _whole(self, on: date) -> Day | None:
        """Return the sheet of a day as the service answers with it, `None` for an error."""
        if on not in self._days:
            with suppress(KztRatesError):
                self._days[on] = self._read(
                    lambda terms: sheet_on(terms, on, missing="raise", refresh=False)
                )
        return self._days.get(on)

    # --- a file a day ------------------------------------------------------------------------

    def _of_days(self) -> Iterator[File]:
        before: _Figures = {}
        last: date | None = None
        for on, figures in self._figures.items():
            if last is None:
                before = self._figures_before(on)  # which no file of the site has
            elif on - last != ONE_DAY:
                before = {}
            last = on
            if on in self._plain:
                yield from self._of_plain_day(self._sketches[on], figures)
                yield from self._of_whole_day(on, figures, {}, before)
            else:
                day = self._whole(on)
                if day is not None:
                    yield from self._of_day(day, figures, before)
            before = figures

    def _figures_before(self, first: date) -> _Figures:
        """Return the figures of the day before the first one of the site."""
        known = self._known(first - ONE_DAY)
        return {
            code: (one.value, one.nominal, "", Decimal(one.value), one.final)
            for code, one in known.figures.items()
        }

    def _of_plain_day(self, day: Day, figures: _Figures) -> Iterator[File]:
        written, path = self._written(figures), f"api/v1/sheet/{day.date}"
        yield f"{path}.json", lambda: shapes.sheet_of(day, day.date, written.json)
        yield f"{path}.csv", lambda: written.csv

    def _written(self, figures: _Figures) -> "_Written":
        # On a Sunday and a Monday the figures are Saturday's.
        if self._last is None or figures != self._last.figures:
            self._last = _Written(figures)
        return self._last

    def _of_day(self, day: Day, figures: _Figures, before: _Figures) -> Iterator[File]:
        on = day.date
        path = f"api/v1/sheet/{on}"
        yield f"{path}.json", lambda: shapes.sheet("json", day, on)
        if not has_all(day):
            return  # a table or a feed cannot say that it lacks something
        yield f"{path}.csv", lambda: shapes.sheet("csv", day, on)
        if on <= self._today and is_printable(day, self._today):
            moves = {code: (one.change, one.name) for code, one in day.figures.items()}
            known = {code: one for code, one in figures.items() if code in moves}
            yield from self._of_whole_day(on, known, moves, before)

    def _of_whole_day(
        self, on: date, figures: _Figures, moves: Moves, before: _Figures
    ) -> Iterator[File]:
        if BASE in figures:
            written = self._written(figures)
            yield (
                f"v2/rates/{on}.json",
                lambda: shapes.rows_of_day(on, BASE, written.codes, written.rates),
            )
        if on >= DAILY_STARTS:  # as at the bank
            yield f"rss/get_rates/{on}.xml", lambda: _xml(on, figures, moves, before)

    # --- a file a currency -------------------------------------------------------------------

    def _history(self, code: str, form: shapes.Form) -> bytes:
        points = self._points[code]
        rates = list(zip(map(self._iso.__getitem__, points.days), points.units, strict=True))
        if form == "csv":
            return shapes.known_history(form, code, rates, (), ())
        lacking, now = days_lacking(points.days), self._lookup.now()
        newcomers = self._read(lambda _: load_newcomers((code,)))
        silent = [
            on for on in lacking
            if is_silent(code, self._days.get(on) or self._sketches[on], now, newcomers)
        ]  # fmt: skip
        return shapes.known_history(form, code, rates, silent, lacking)

    @cached_property
    def _iso(self) -> dict[date, str]:
        return {day: day.isoformat() for day in self._figures}

    def parquet(self) -> bytes | None:
        """Return every final figure as one table, `None` where pyarrow is not installed."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            return None
        epoch = date(1970, 1, 1).toordinal()
        numbers = {day: day.toordinal() - epoch for day in self._figures}
        columns = list(zip(*self._points.values(), strict=True))
        days, texts, nominals, units = (list(chain.from_iterable(column)) for column in columns)
        codes = [pa.repeat(code, len(points.days)) for code, points in self._points.items()]

        # of buffers, because pyarrow would import pandas to look at a list
        def whole(values: Iterable[int]) -> Any:
            buffer = pa.py_buffer(array("i", values).tobytes())
            return pa.Array.from_buffers(pa.int32(), len(days), [None, buffer])

        def text(values: list[str]) -> Any:
            ends = array("i", accumulate(map(len, values), initial=0)).tobytes()
            buffers = [None, pa.py_buffer(ends), pa.py_buffer("".join(values).encode())]
            return pa.Array.from_buffers(pa.string(), len(values), buffers)

        table = pa.table(
            {
                "date": whole(map(numbers.__getitem__, days)).cast(pa.date32()),
                "currency": pa.concat_arrays(codes),
                "value": text(texts).cast(pa.decimal128(28, 10)),
                "nominal": whole(nominals),
                "per_unit": text(units).cast(pa.decimal128(37, 19)),
            }
        )
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        body: bytes = sink.getvalue().to_pybytes()
        return body

    # --- the newest day ----------------------------------------------------------------------

    def _of_final(self, day: Day, before: Day) -> Iterator[File]:
        """Return the files of the newest final day, in shapes that cannot mark a draft."""
        on = day.date
        legs: dict[str, shapes.Leg] = {code: shapes.leg(one) for code, one in day.figures.items()}
        legs[KZT] = None
        for code in sorted(day.figures):
            for base, quote in ((code, KZT), (KZT, code)):
                rate = shapes.cross(legs[base], legs[quote])
                line = on, base, quote, rate
                yield f"v2/rate/{base}/{quote}.json", partial(shapes.row, line)
        if BASE in legs:
            rates = [(code, shapes.cross(legs[BASE], legs[code])) for code in sorted(legs)]
            rows = [(on, BASE, code, rate) for code, rate in rates]
            others = [(code, rate) for code, rate in rates if code != BASE]
            for form in ("csv", "json"):
                yield f"v2/rates.{form}", partial(shapes.rows, form, rows)
            yield "v1/latest.json", lambda: shapes.v1_day(Decimal(1), BASE, on, others)
        printed = shapes.bank_rates(day, before)
        yield "rss/rates.xml", lambda: shapes.bank_main(on, printed)
        yield "rss/rates_all.xml", lambda: shapes.bank_latest(on, printed)

    # --- what hosts read ---------------------------------------------------------------------

    def _not_found(self) -> bytes:
        return shapes.document(
            {
                "type": f"{self._base_path}/api/v1/errors.txt#not_found",
                "title": "There is no such page",
                "status": 404,
                "detail": "there is no such file: that says nothing about what the bank published",
            }
        )

    def _headers(self) -> bytes:
        lines = [f"{self._base_path}/*"]
        lines += [f"  {_title(name)}: {value.decode()}" for name, value in SECURITY]
        lines.append(f"  Content-Security-Policy: {CONTENT_POLICY}")
        for path, headers in HEADERS:
            lines.append(f"{self._base_path}{path}")
            lines += [f"  {name}: {value}" for name, value in headers]
        return ("\n".join(lines) + "\n").encode()


class _Written:
    """What the files of a day have of its figures, the same for days with the same figures."""

    def __init__(self, figures: _Figures) -> None:
        self.figures = figures
        texts, nominals, units, values, _ = zip(*figures.values(), strict=True)
        cells = tuple(chain.from_iterable(zip(texts, units, strict=True)))
        sheets = _sheets(tuple(figures), nominals)
        self.json, self.csv = sheets.json(cells), sheets.csv(cells)
        self.codes, self.rates = _with_tenge(tuple(figures)), list[str]()
        if BASE in figures:
            legs = dict(zip(figures, zip(values, nominals, strict=True), strict=True))
            self.rates = shapes.crosses(legs[BASE], map(legs.get, self.codes))


_sheets = lru_cache(maxsize=64)(shapes.Sheets)


@lru_cache(maxsize=64)
def _with_tenge(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted([*codes, KZT]))


@lru_cache(maxsize=64)
def _in_bank_order(codes: tuple[str, ...]) -> list[str]:
    return sorted(codes, key=printing.bank_name)


def _xml(on: date, figures: _Figures, moves: Moves, before: _Figures) -> bytes:
    items = []
    for code in _in_bank_order(tuple(figures)):
        text, nominal, _, value, _ = figures[code]
        change, name = moves.get(code, UNMOVED)
        if change is None and code in before:
            _, nominal_then, _, value_then, was_final = before[code]
            if was_final and nominal_then == nominal:
                change = printing.change_between(value, value_then)
        name = name or printing.bank_name(code)
        items.append(shapes.bank_item(code, text, nominal, change or "", name))
    return shapes.bank_daily_of(on, items)


def _title(name: bytes) -> str:
    return "-".join(part.capitalize() for part in name.decode().split("-"))


# --- the folder ------------------------------------------------------------------------------


class _Folder:
    """A folder that is written beside a site and then takes its place.

    `known` are the files of the site that may be kept where they are the same.
    """

    def __init__(self, place: str, shown: str, known: Mapping[str, tuple[int, str]]) -> None:
        self._place, self._shown, self._naming = place, shown, _Naming(shown)
        self._known = known
        self._parent, self._name = os.path.split(place)
        self._path = os.path.join(self._parent, f".{self._name}.kzt-rates-{token_hex(8)}")
        self._made: set[str] = {""}
        self._written: Manifest = {}
        self._held = -1

    def __enter__(self) -> Self:
        with _Naming(self._parent):
            self._sweep()
            os.mkdir(self._path)
        self._held = _hold(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        if self._held >= 0:
            os.close(self._held)
        shutil.rmtree(self._path, ignore_errors=True)  # what did not become the site, or was it

    def write(self, path: str, body: bytes) -> None:
        """Write a file, or keep the one that is there."""
        here = f"{self._path}/{path}"
        entry = len(body), sha256(body).hexdigest()
        folder = path.rpartition("/")[0]
        with self._naming:
            if folder not in self._made:
                os.makedirs(f"{self._path}/{folder}", exist_ok=True)
                self._made.add(folder)
            if self._known.get(path) != entry or not self._keep(path, here, body):
                _write(here, body)
        self._written[path] = entry

    def _keep(self, path: str, here: str, body: bytes) -> bool:
        """Link a file of the site, which may have been damaged since."""
        there = os.path.join(self._place, path)
        try:
            with open(there, "rb", buffering=0) as file:
                if file.read(len(body) + 1) != body:
                    return False
            os.link(there, here)
        except OSError:  # there are file systems without links
            return False
        return True

    def finish(self, facts: Mapping[str, str]) -> Manifest:
        """Write the manifest, and put the folder in the site's place."""
        with self._naming:
            _write(os.path.join(self._path, MANIFEST), _manifest(facts, self._written))
            try:
                os.chmod(self._path, stat.S_IMODE(os.stat(self._place).st_mode))
            except FileNotFoundError:
                os.rename(self._path, self._place)
            else:
                _exchange(self._path, self._place)
                try:
                    _manifest_of(self._path, self._shown)
                except NotOurs:  # somebody has put a file there since the export began
                    _exchange(self._path, self._place)
                    raise
        return self._written

    def _sweep(self) -> None:
        """Delete what exports that were killed have left, and nothing that one is writing."""
        ours = re.compile(re.escape(f".{self._name}.kzt-rates-") + "[0-9a-f]{16}")
        for name in os.listdir(self._parent):
            if ours.fullmatch(name):
                left = os.path.join(self._parent, name)
                held = _hold(left)
                if held >= 0:
                    shutil.rmtree(left, ignore_errors=True)
                    os.close(held)


class _Naming:
    """Names the folder that was given in place of one on the way, in what the system refuses."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, error.strerror, self._name) from error


_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def _write(path: str, body: bytes) -> None:
    file = os.open(path, _NEW_FILE, 0o666)
    try:
        while body:
            body = body[os.write(file, body) :]
    finally:
        os.close(file)


def _manifest(facts: Mapping[str, str], written: Manifest) -> bytes:
    head = json.dumps({"generator": GENERATOR, **facts}, indent=1)[:-2]
    files = ",\n".join(
        f'  {quoted(path)}: {{"size": {size}, "sha256": "{digest}"}}'
        for path, (size, digest) in sorted(written.items())
    )
    return f'{head},\n "files": {{\n{files}\n }}\n}}\n'.encode()


def _manifest_of(place: str, shown: str) -> Manifest:
    """Return the files that an export has written into a folder; `NotOurs` where it has others."""
    try:
        names = os.listdir(place)
    except FileNotFoundError:
        return {}
    known: Manifest = {}
    if not names:
        return known
    try:
        with open(os.path.join(place, MANIFEST), "rb") as file:
            found = json.load(file)
        is_ours = found["generator"] == GENERATOR
        known.update({path: (one["size"], one["sha256"]) for path, one in found["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        is_ours, known = False, {}
    if not is_ours:
        raise NotOurs(f"{shown} is not empty and no export has made it: name another folder")
    for folder, folders, files in os.walk(place):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        nothing = [] if folders or files else [""]  # a folder without files may be someone's, too
        for name in (*files, *links, *nothing):
            path = os.path.relpath(os.path.join(folder, name), place).replace(os.sep, "/")
            if path not in known and path != MANIFEST:
                raise NotOurs(f"{shown} holds {path}, which no export has made: take it away")
    return known


def _exchange(new: str, old: str) -> None:
    """Put one folder in the place of another, which is left at the name of the first.

    Linux and macOS do it at once. Elsewhere there is no site for the moment between two renames.
    """
    if not _exchange_at_once(new, old):
        aside = f"{new}.old"
        os.rename(old, aside)
        try:
            os.rename(new, old)
        except BaseException:
            os.rename(aside, old)
            raise
        os.rename(aside, new)


_AT_THE_WORKING_DIRECTORY, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2


def _exchange_at_once(new: str, old: str) -> bool:
    import ctypes
    import errno

    try:
        libc = ctypes.CDLL(None, use_errno=True)
        names = os.fsencode(new), os.fsencode(old)
        if sys.platform == "darwin":
            failed = libc.renamex_np(*names, _RENAME_SWAP)
        else:
            at = _AT_THE_WORKING_DIRECTORY
            failed = libc.renameat2(at, names[0], at, names[1], _RENAME_EXCHANGE)
    except (OSError, TypeError, AttributeError):  # no such function
        return False
    number = ctypes.get_errno()
    if failed and number not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        raise OSError(number, os.strerror(number))
    return not failed


def _hold(path: str) -> int:
    """Hold a folder for as long as this process lives; -1 where another holds it, or none can."""
    try:
        import fcntl
    except ImportError:
        return -1
    held = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return -1
    return held

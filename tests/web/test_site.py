"""The site of files: what the service answers, whole or not at all, the same every time."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates.cli import main
from kzt_rates.figures import Refusal
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets, dense_sheets
from kzt_rates.testing.store_contract import sheet
from kzt_rates.web import site

pytestmark = pytest.mark.system

EVENING = "2026-08-21T20:00+05:00"
HERE = Path(__file__).parent
# How often an export is killed; by hand: 50.
KILLS = int(os.environ.get("SITE_KILLS", "3"))
WHOLE = "WEB_WHOLE" in os.environ
# What no service answers, or not as a file.
OF_FILES = {"404.json", "_headers", ".nojekyll", "robots.txt", "api/v1/all.parquet"}


def client_of_archive() -> kzt_rates.Client:
    return kzt_rates.Client(cache=False, offline=True, clock=SettableClock(EVENING))


def export(folder: Path, start: str | None = "2026-07-20", **options: Any) -> site.Exported:
    """Export the packaged archive, or its last month."""
    with client_of_archive() as client:
        first = None if start is None else date.fromisoformat(start)
        return site.export_site(client, str(folder), start=first, **options)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the packaged archive, of its last years alone where there is no time."""
    folder = tmp_path_factory.mktemp("site") / "public"
    export(folder, start=None if WHOLE else "2025-01-01")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of a month."""
    folder = tmp_path / "public"
    export(folder)
    return folder


@pytest.fixture(scope="module")
def hosted(whole: Path) -> Iterator[str]:
    """The address of a plain file server over the site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(whole)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# --- one truth -------------------------------------------------------------------------------


def test_same_as_service(whole: Path, archived: Any) -> None:
    """Every file is byte for byte what the service answers at its path."""
    paths = sorted(content(whole).keys() - OF_FILES - {"manifest.json"})
    # at its root the service has a form, which a file cannot answer
    paths = [path for path in paths if path not in ("index.html", "kk/index.html", "en/index.html")]
    days = [path for path in paths if path.startswith(("api/v1/sheet/", "v2/rates/", "rss/get"))]
    rest = [path for path in paths if not path.startswith("api/v1/hist")]
    sample = paths if WHOLE else sorted({*rest} - {*days}) + days[::20]
    assert len(sample) > 150
    for path in sample:
        answer = archived.get(f"/{path}")
        if path in ("openapi.json", "llms.txt") or answer.status_code == 200:
            assert (whole / path).read_bytes() == answer.content, path
        else:
            assert path == "api/v1/errors.txt"


def test_same_as_other_paths(whole: Path, archived: Any) -> None:
    """A file's path is another name for a path with a query."""
    for path, other in (
        ("v2/rates/2026-08-21.json", "/v2/rates?date=2026-08-21"),
        ("v2/rates.csv", "/v2/rates.csv?date=2026-08-21"),
        ("v2/rate/USD/KZT.json", "/v2/rate/USD/KZT?date=2026-08-21"),
        ("v1/latest.json", "/v1/2026-08-21"),
        ("api/v1/sheet/2025-12-05.json", "/api/v1/sheet/2025-12-05"),
        ("rss/get_rates/2025-12-05.xml", "/rss/get_rates.cfm?fdate=5.12.2025"),
    ):
        assert (whole / path).read_bytes() == archived.get(other).content


def test_first_day(small: Path, archived: Any) -> None:
    """The changes of a site's first day are since the day before it, which has no file."""
    path = "rss/get_rates/2026-07-20.xml"
    body = (small / path).read_bytes()
    assert not (small / "rss/get_rates/2026-07-19.xml").exists()
    assert body == archived.get(f"/{path}").content
    assert b"<change>0.00</change>" in body  # a Monday has the figures of the Sunday before


def test_same_with_a_bank(serve: Any, kzt_bank: StandInBank, tmp_path: Path) -> None:
    """Sheets of the daily feed, with names, changes and a draft, are the service's too."""
    kzt_bank.withdraw("2025-12-04")
    http = serve()
    for day in ("2025-12-03", "2025-12-04", "2025-12-05", "2025-12-06"):
        http.get(f"/api/v1/sheet/{day}")
    folder = tmp_path / "public"
    site.export_site(http.app.lookup._client, str(folder))
    files = content(folder)
    latest = json.loads(files["api/v1/latest.json"])
    assert (latest["date"], latest["provisional"]) == ("2025-12-06", True)
    assert "rss/get_rates/2025-12-06.xml" not in files  # a host does not know when it is final
    assert "api/v1/sheet/2025-12-04.json" not in files
    assert json.loads(files["api/v1/history/USD.json"])["missing"] == ["2025-12-04"]
    offline = serve(offline=True)
    for path, body in files.items():
        if path.startswith(("api/v1/sheet", "api/v1/history", "rss/get", "v2/rates/")):
            assert offline.get(f"/{path}").content == body, path


def test_sheet_that_the_bank_took_back(serve: Any, kzt_bank: StandInBank, tmp_path: Path) -> None:
    """A final sheet that the feed is silent about by now keeps its changes and names."""
    http = serve()
    client = http.app.lookup._client
    client.sheet("2025-12-04")
    kzt_bank.withdraw("2025-12-04")
    with suppress(kzt_rates.KztRatesError):
        client.sheet("2025-12-04", refresh=True)
    folder, offline = tmp_path / "public", serve(offline=True)
    site.export_site(client, str(folder))
    for path in ("api/v1/sheet/2025-12-04.json", "rss/get_rates/2025-12-04.xml"):
        assert (folder / path).read_bytes() == offline.get(f"/{path}").content
    sheet = json.loads((folder / "api/v1/sheet/2025-12-04.json").read_bytes())
    assert sheet["rates"][0]["change"] is not None


def test_changes_of_the_newest_sheet(serve: Any, tmp_path: Path) -> None:
    """The newest sheet has the bank's changes, also where the packaged archive has it whole."""
    clock, folder = SettableClock(EVENING), tmp_path / "public"
    with StandInBank(archive_sheets("2026-08-20", "2026-08-21"), clock=clock) as bank:
        http = serve(base_url=bank.url, archive=None, clock=clock)
        latest = http.get("/api/v1/latest.json").json()
        assert all(rate["change"] is not None for rate in latest["rates"])
        site.export_site(http.app.lookup._client, str(folder), start=date(2026, 8, 20))
        for path in ("api/v1/latest.json", "api/v1/latest.csv", "rss/rates_all.xml"):
            assert (folder / path).read_bytes() == http.get(f"/{path}").content


def test_newest_day_that_no_sheet_came_of(
    serve: Any, kzt_bank: StandInBank, tmp_path: Path
) -> None:
    """An old day of which the export has brought all is complete under every name."""
    for day, rates in dense_sheets("2015-06-20", "2015-07-10").items():
        kzt_bank.publish(day, rates)
    client, folder = serve("any").app.lookup._client, tmp_path / "public"
    client.sync("2015-06-29", "2015-07-02")
    newest = site.export_site(client, str(folder)).newest
    for path in ("latest", f"sheet/{newest}"):
        assert json.loads((folder / f"api/v1/{path}.json").read_bytes())["complete"], path


def test_marks_of_days(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, tmp_path: Path
) -> None:
    """A day's data and page are marked where its draft is past its time, and for no other day."""
    kzt_bank.publish("2025-12-07", dense_sheets("2025-12-07", "2025-12-07")[date(2025, 12, 7)])
    http = serve()
    for day, at in ((5, "05T12:00"), (6, "05T20:00"), (7, "07T09:00")):
        kzt_clock.set(f"2025-12-{at}+05:00")
        assert http.get(f"/api/v1/sheet/2025-12-0{day}").status_code == 200
    kzt_clock.set("2025-12-09T09:00+05:00")
    offline, folder = serve(offline=True), tmp_path / "public"
    site.export_site(offline.app.lookup._client, str(folder))
    files = content(folder)
    for day, is_stale in ((5, False), (6, True), (7, False)):
        data, page = f"embed/rates/2025-12-0{day}.json", f"day/2025-12-0{day}.html"
        assert json.loads(files[data])["stale"] is is_stale
        assert (b'<div class="kzt-page" data-stale' in files[page]) is (is_stale or day == 7)
        for path in (data, page):
            assert offline.get(f"/{path}").content == files[path], path
    # the bank can be asked for it, and is
    assert "data-stale" not in http.get("/day/2025-12-06.html").text


def test_equal_figures_of_another_currency(tmp_path: Path) -> None:
    """A day with the figures of the day before has its own currencies beside them."""
    days = [
        sheet(date(2026, 8, 19), EUR="500", KWD="1500", USD="450"),
        sheet(date(2026, 8, 20), EUR="500", KZU="1500", USD="450"),
    ]
    cache, folder = tmp_path / "cache.sqlite", tmp_path / "public"
    with closing(SqliteStore(str(cache))) as store:
        store.change([day.date for day in days], lambda _: days)
    options: Any = {"cache": cache, "archive": False, "offline": True}
    with kzt_rates.Client(clock=SettableClock(EVENING), **options) as client:
        site.export_site(client, str(folder))
    rates = json.loads((folder / "v2/rates/2026-08-20.json").read_text(encoding="utf-8"))
    one_euro = [(rate["quote"], round(rate["rate"], 6)) for rate in rates]
    assert one_euro == [("EUR", 1), ("KZT", 500), ("KZU", 0.333333), ("USD", 1.111111)]
    lines = (folder / "api/v1/sheet/2026-08-20.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["EUR,1,500,500,", "KZU,1,1500,1500,", "USD,1,450,450,"]


def test_new_currency_that_a_sheet_lacks(serve: Any, tmp_path: Path) -> None:
    """A day whose sheet came without a currency of no table has an unknown rate, and not none."""
    rates = {"EUR": "580", "KZU": "1500", "USD": "499"}
    days = [sheet(date(2025, 12, day), **rates) for day in (2, 3, 4, 5)]
    figures = {code: one for code, one in days[2].figures.items() if code != "KZU"}
    days[2] = days[2].replace(figures=figures)
    with closing(SqliteStore(str(tmp_path / "cache.sqlite"))) as store:
        store.change([day.date for day in days], lambda _: days)
    folder, offline = tmp_path / "public", serve(offline=True)
    client = offline.app.lookup._client
    with pytest.raises(kzt_rates.Offline):
        client.rate("KZU", on="2025-12-04")
    site.export_site(client, str(folder))
    body = (folder / "api/v1/history/KZU.json").read_bytes()
    assert offline.get("/api/v1/history/KZU.json").content == body
    history = json.loads(body)
    assert (history["missing"], history["unknown"]) == ([], [["2025-12-04", "2025-12-04"]])


def test_what_is_not_whole(whole: Path) -> None:
    """A day that is known in part says so in JSON, and is in no form that cannot."""
    sheet = json.loads((whole / "api/v1/sheet/2025-11-29.json").read_bytes())
    assert sheet["complete"] is False
    for path in ("api/v1/sheet/2025-11-29.csv", "v2/rates/2025-11-29.json"):
        assert not (whole / path).exists()
    assert not (whole / "rss/get_rates/2025-11-29.xml").exists()


@pytest.mark.parametrize("is_all", [False, True])
def test_refused_rates(serve: Any, tmp_path: Path, is_all: bool) -> None:
    """Of a day with a refused rate, or with nothing else, there is what the service answers."""
    refused = {"JPY": Refusal("strange", datetime(2025, 12, 5, 7, tzinfo=UTC))}
    days = [
        sheet(date(2025, 12, 4), EUR="580", JPY="3.2", USD="499"),
        sheet(date(2025, 12, 5), EUR="582", USD="500").replace(refused=refused),
    ]
    if is_all:
        days[1] = days[1].replace(figures={})
    with closing(SqliteStore(str(tmp_path / "cache.sqlite"))) as store:
        store.change([day.date for day in days], lambda _: days)
    folder, offline = tmp_path / "public", serve(offline=True)
    site.export_site(offline.app.lookup._client, str(folder))
    files = content(folder)
    for path in (
        *("api/v1/sheet/2025-12-05.json", "api/v1/sheet/2025-12-05.csv"),
        *("api/v1/sheet/2025-12-04.csv", "v2/rates/2025-12-05.json", "v2/rates/2025-12-04.json"),
        *("rss/get_rates/2025-12-05.xml", "api/v1/history/USD.json"),
    ):
        answer = offline.get(f"/{path}")
        assert files.get(path) == (answer.content if answer.status_code == 200 else None), path
    assert json.loads(files["api/v1/sheet/2025-12-05.json"])["refused"] == ["JPY"]
    assert "api/v1/sheet/2025-12-05.csv" not in files
    newest = json.loads(files["api/v1/latest.json"])
    assert newest["date"] == ("2025-12-04" if is_all else "2025-12-05")
    assert ("api/v1/latest.csv" in files) is is_all


def test_history(whole: Path) -> None:
    """A currency's file has what is known, and names what is not."""
    usd = json.loads((whole / "api/v1/history/USD.json").read_bytes())
    assert usd["rates"][-1]["date"] == usd["end"] == "2026-08-21"
    known = {rate["date"] for rate in usd["rates"]}
    assert all(first not in known and last not in known for first, last in usd["unknown"])
    assert usd["unknown"]
    lines = (whole / "api/v1/history/USD.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [f"{rate['date']},{rate['rate']}" for rate in usd["rates"]]


def test_shapes_over_a_file_server(hosted: str) -> None:
    """A plain file server over the site passes the shape tests of the service."""
    jsonschema = pytest.importorskip("jsonschema")
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("documents", HERE / "test_documents.py")
    assert spec is not None
    assert spec.loader is not None
    shapes = module_from_spec(spec)
    spec.loader.exec_module(shapes)
    for family, path, template in (
        ("", "/api/v1/sheet/2026-08-21.json", "/api/v1/sheet/{day}"),
        ("", "/api/v1/sheet/2025-11-29.json", "/api/v1/sheet/{day}"),
        ("", "/api/v1/latest.json", "/api/v1/latest"),
        ("", "/api/v1/currencies.json", "/api/v1/currencies"),
        ("", "/api/v1/history/USD.json", "/api/v1/history/{code}"),
        ("/v2", "/v2/rates/2026-08-21.json", "/rates"),
        ("/v2", "/v2/rates.json", "/rates"),
        ("/v2", "/v2/rate/USD/KZT.json", "/rate/{base}/{quote}"),
        ("/v2", "/v2/currencies.json", "/currencies"),
        ("/v2", "/v2/currency/BYR.json", "/currency/{code}"),
        ("/v2", "/v2/providers.json", "/providers"),
        ("/v1", "/v1/latest.json", "/latest"),
        ("/v1", "/v1/currencies.json", "/currencies"),
    ):
        document = httpx.get(f"{hosted}{family}/openapi.json", trust_env=False).json()
        answer = httpx.get(f"{hosted}{path}", trust_env=False)
        assert answer.headers["content-type"].startswith("application/json")
        said = shapes.resolved(document["paths"][template]["get"]["responses"]["200"], document)
        schema = said["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), schema)


# --- what reads it ---------------------------------------------------------------------------


def test_pandas(whole: Path) -> None:
    """pandas reads the Parquet file and the CSV as they are."""
    pandas = pytest.importorskip("pandas")
    table = pandas.read_parquet(whole / "api/v1/all.parquet")
    usd = table[table.currency == "USD"].set_index("date")
    assert str(usd.value.iloc[-1].normalize()) == "458.23"
    irr = table[(table.currency == "IRR")].iloc[-1]
    assert (str(irr.value.normalize()), irr.nominal) == ("3.33", 10000)
    assert f"{irr.per_unit.normalize():f}" == "0.000333"
    history = pandas.read_csv(whole / "api/v1/history/USD.csv", parse_dates=["date"], dtype="str")
    assert len(history) == len(usd)


def test_polars(whole: Path) -> None:
    """Polars reads them, too."""
    polars = pytest.importorskip("polars")
    table = polars.read_parquet(whole / "api/v1/all.parquet")
    usd = table.filter(polars.col("currency") == "USD").sort("date")
    assert float(usd["value"][-1]) == 458.23
    history = polars.read_csv(whole / "api/v1/history/USD.csv", try_parse_dates=True)
    assert history["rate"][-1] == 458.23
    assert history.height == usd.height


def test_duckdb(whole: Path) -> None:
    """DuckDB reads them, too."""
    duckdb = pytest.importorskip("duckdb")
    path = whole / "api/v1/all.parquet"
    question = f"SELECT value FROM '{path}' WHERE currency = 'USD' ORDER BY date DESC LIMIT 1"
    assert float(duckdb.sql(question).fetchall()[0][0]) == 458.23
    csv = whole / "api/v1/history/USD.csv"
    assert duckdb.sql(f"SELECT rate FROM '{csv}' ORDER BY date DESC").fetchall()[0][0] == 458.23


def test_hosts(small: Path, tmp_path: Path) -> None:
    """Hosts find how long to keep a file, and a body for what is not there."""
    folder = tmp_path / "below"
    export(folder, base_path="/rates")
    headers = (folder / "_headers").read_text(encoding="utf-8")
    assert "/rates/api/v1/sheet/*\n  Cache-Control: public, max-age=3600" in headers
    assert json.loads((folder / "404.json").read_bytes())["type"].startswith("/rates/api/v1/")
    assert (folder / ".nojekyll").read_bytes() == b""
    assert "\n  Access-Control-Allow-Origin: *\n" in (small / "_headers").read_text()
    assert "default-src 'none'" in headers
    assert "/rates/index.html\n  Cache-Control: public, max-age=300" in headers


# --- the same, whole, or not at all ----------------------------------------------------------


def test_manifest(small: Path) -> None:
    """The manifest has size and hash of every file but itself."""
    files = content(small)
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["newest"] == "2026-08-21"
    assert manifest["files"] == {
        path: {"size": len(body), "sha256": sha256(body).hexdigest()}
        for path, body in files.items()
    }


def test_two_exports(small: Path, tmp_path: Path) -> None:
    """Two exports are equal to the byte, and so is one in the place of another."""
    export(tmp_path / "again")
    export(small)
    assert content(tmp_path / "again") == content(small)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "public"]


def test_only_changed(small: Path) -> None:
    """Files that are the same keep their times; the others are written and named."""
    sheet, latest = small / "api/v1/sheet/2026-08-20.json", small / "api/v1/latest.json"
    latest.write_bytes(b"damaged")
    (small / "v2/rates.json").unlink()
    before = sheet.stat()
    done = export(small, start="2026-07-22", only_changed=True)
    assert sheet.stat().st_ino == before.st_ino
    assert sheet.stat().st_mtime_ns == before.st_mtime_ns
    assert json.loads(latest.read_bytes())["date"] == "2026-08-21"
    assert (small / "v2/rates.json").exists()
    assert "api/v1/sheet/2026-07-20.json" in done.removed
    assert not (small / "api/v1/sheet/2026-07-20.json").exists()
    assert "api/v1/history/USD.csv" in done.changed
    assert "api/v1/sheet/2026-08-20.json" not in done.changed


KILLED = """
import os, signal, sys
from datetime import date
import kzt_rates
from kzt_rates.testing import SettableClock
from kzt_rates.web import site

left = 0

def dying(function):
    def call(*arguments, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return call

for holder, name in ((os, "open"), (os, "rename"), (os, "link"), (os, "chmod"), (os, "unlink"),
                     (site, "_exchange_at_once"), (site.shutil, "rmtree")):
    setattr(holder, name, dying(getattr(holder, name)))

def content(folder):
    return {os.path.join(at, name): open(os.path.join(at, name), "rb").read()
            for at, _, names in os.walk(folder) for name in names}

def export(start):
    with kzt_rates.Client(cache=False, offline=True, clock=SettableClock(sys.argv[3])) as client:
        site.export_site(client, sys.argv[1], start=start)

first, second = date(2026, 8, 19), date(2026, 8, 18)
export(second)
new = content(sys.argv[1])
left = 0
export(first)
old, steps = content(sys.argv[1]), -left
kills = int(sys.argv[2])
# the last steps are those that count: the exchange, and what is taken away after it
places = sorted({*range(9, steps, steps // kills), *range(steps - 3, steps)})
seen = []
for place in places:
    child = os.fork()
    if child == 0:
        left = place
        export(second)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    found = content(sys.argv[1])
    assert status == signal.SIGKILL and found in (old, new), (place, steps, status)
    seen.append(found == new)
    if found == new:
        export(first)
export(second)
assert content(sys.argv[1]) == new
print(len(places), sum(seen))
"""


def test_killed(tmp_path: Path) -> None:
    """Killed anywhere, the old site stands, or the new one; the next export takes up the rest."""
    folder = tmp_path / "public"
    words = [sys.executable, "-c", KILLED, str(folder), str(KILLS), EVENING]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    killed, were_new = map(int, done.stdout.split())
    assert killed > KILLS
    assert 0 < were_new < killed
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_full_disk(small: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A disk that fills is one sentence, and the old site is untouched."""
    import errno

    old, write, left = content(small), os.write, [100]

    def fill(file: int, body: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, body[:1000])  # and a disk may take a part

    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill)
        assert main(["export-site", str(small), "--start", "2026-08-01"]) == 1
    assert capsys.readouterr().err == f"kzt-rates: {small}: no space left on device\n"
    assert content(small) == old
    assert [path.name for path in small.parent.iterdir()] == ["public"]


@pytest.mark.parametrize("files", [["holiday.jpg"], ["manifest.json"]])
def test_not_ours(tmp_path: Path, monkeypatch: Any, capsys: Any, files: list[str]) -> None:
    """A folder that no export has made is refused, and nothing in it is touched."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("{}")
    assert main(["export-site", str(folder)]) == 2
    assert "no export has made it: name another folder" in capsys.readouterr().err
    assert content(folder) == dict.fromkeys(files, b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_foreign_file(small: Path, monkeypatch: Any, capsys: Any) -> None:
    """A file that somebody has put into a site is not deleted with it."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    (small / "api" / "mine.txt").write_text("mine")
    old = content(small)
    assert main(["export-site", str(small), "--start", "2026-08-01"]) == 2
    assert "holds api/mine.txt, which no export has made" in capsys.readouterr().err
    assert content(small) == old


def test_foreign_folder(small: Path, tmp_path: Path) -> None:
    """A link to a folder and a folder without files are not deleted either."""
    (tmp_path / "photos").mkdir()
    for name, make in (
        ("photos", lambda path: path.symlink_to(tmp_path / "photos")),
        ("api/mine", Path.mkdir),
    ):
        make(small / name)
        with pytest.raises(site.NotOurs, match=f"holds {name}, which no export has made"):
            export(small)
        (small / name).unlink() if (small / name).is_symlink() else (small / name).rmdir()
    assert export(small).changed == []


def test_file_that_comes_meanwhile(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who puts a file into the site while an export runs finds it, and the old site."""
    exchange, before = site._exchange, content(small)

    def after_a_moment(new: str, old: str) -> None:
        (small / "CNAME").write_text("rates.test", encoding="utf-8")
        exchange(new, old)

    monkeypatch.setattr(site, "_exchange", after_a_moment)
    with pytest.raises(site.NotOurs, match="holds CNAME, which no export has made"):
        export(small, start="2026-08-01")
    assert content(small) == {**before, "CNAME": b"rates.test"}
    assert list(small.parent.iterdir()) == [small]


def test_bad_places(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """A place that cannot be written to is one sentence."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "none" / "below"):
        assert main(["export-site", str(place), "--start", "2026-08-01"]) in (1, 2)
        said = capsys.readouterr().err
        assert said.startswith("kzt-rates: ")
        assert said.count("\n") == 1
        assert str(tmp_path) in said
    assert content(tmp_path) == {"file": b"x"}


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder that a program is in")
def test_folder_that_one_is_in(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Where the folder that one is in has gone, the sentence names it."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    (tmp_path / "public").mkdir()
    monkeypatch.chdir(tmp_path / "public")
    (tmp_path / "public").rmdir()
    assert main(["export-site", "."]) == 1
    assert capsys.readouterr().err == "kzt-rates: .: no such file or directory\n"


def test_nothing_known(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """A range without figures is one sentence, and no site."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    folder = str(tmp_path / "public")
    assert main(["export-site", folder, "--start", "2099-01-01"]) == 3
    assert "nothing to export" in capsys.readouterr().err
    for base in ("no path", "rates", "//evil.example", "/rates?x", "/rates/../x", "/.", "/rates/."):
        assert main(["export-site", folder, "--base-path", base]) == 2
    assert main(["export-site", ""]) == 2
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Without pyarrow the rest is written, and a sentence says what is not."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    folder = tmp_path / "public"
    assert main(["export-site", str(folder), "--start", "2026-08-01"]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "kzt-rates: without api/v1/all.parquet, which needs pyarrow: pip install pyarrow\n"
    )
    assert said.out.endswith(", the newest day is 2026-08-21\n")
    assert not (folder / "api/v1/all.parquet").exists()


def test_lists_changes(small: Path, monkeypatch: Any, capsys: Any) -> None:
    """With --only-changed the paths that differ are listed, for uploads and purges."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    words = ["export-site", str(small), "--only-changed"]
    assert main([*words, "--start", "2026-07-21"]) == 0
    said = capsys.readouterr()
    assert "- api/v1/sheet/2026-07-20.json" in said.out.splitlines()
    assert "api/v1/history/USD.csv" in said.out.splitlines()
    assert "files changed" in said.err
    assert main([*words, "--start", "2026-07-21"]) == 0
    assert capsys.readouterr().out == ""


def test_draft_that_the_newest_sheet_took_back(
    tmp_path: Path, kzt_bank: StandInBank, kzt_clock: SettableClock, kzt_client: kzt_rates.Client
) -> None:
    """A tomorrow that the bank has taken back is not the newest day of a site."""
    kzt_client.sheet("2025-12-05")
    kzt_client.latest()
    kzt_bank.withdraw("2025-12-06")
    kzt_clock.advance(minutes=11)
    assert f"{kzt_client.latest().date}" == "2025-12-05"
    with pytest.warns(kzt_rates.StaleRateWarning):
        kzt_client.sheet("2025-12-06")
    exported = site.export_site(kzt_client, str(tmp_path / "site"))
    assert f"{exported.newest}" == "2025-12-05"
    newest = json.loads((tmp_path / "site/api/v1/latest.json").read_bytes())
    assert (newest["date"], newest["provisional"]) == ("2025-12-05", False)

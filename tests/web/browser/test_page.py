"""The page of the service and of the exported files, by eye, keyboard and screen reader's tree."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from kzt_rates.web.embed import files, packaged

LANGUAGES = {"ru": "", "kk": "kk/", "en": "en/"}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def exported(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The files, served by a server that knows nothing of rates."""
    folder = tmp_path_factory.mktemp("site")
    for name, content in files(shared.service.lookup, days=5):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def findings(page: Any) -> list[str]:
    """Return what axe finds, on the page and in its frames."""
    axe = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
    source = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(source)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing(
    shared: Any, opened: Any, lang: str, size: dict[str, int], scheme: str
) -> None:
    """In every language, light and dark, wide and narrow, there is nothing to mend."""
    settings = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
    for path in (f"/?lang={lang}", f"/embed/ticker?changes=1&lang={lang}"):
        page = opened(shared.url + path, **settings)
        assert findings(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], "the page is wider than the screen"
        inner = page.locator(".scroll").evaluate_all(
            "all => all.map(one => one.scrollWidth - one.clientWidth)"
        )
        assert not any(inner), "a table is wider than its place"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_cut_off(shared: Any, exported: str, opened: Any, lang: str) -> None:
    """At any width tables fit into their place, words are whole, and a chart's text has 10 px."""
    for address in (
        f"{shared.url}/?lang={lang}",
        f"{shared.url}/?lang={lang}&date=2026-01-31",
        f"{exported}/{LANGUAGES[lang]}index.html",
    ):
        # without JavaScript the file has its table of round amounts
        page = opened(address, java_script_enabled=shared.url in address)
        for width in (320, 390, 480, 600, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            inner = page.locator(".scroll").evaluate_all(
                "all => all.map(one => one.scrollWidth - one.clientWidth)"
            )
            assert not any(inner), (address, width, "a table is wider than its place")
            breaks = page.locator("tbody th").evaluate_all(
                "all => [...new Set(all.map(one => getComputedStyle(one).overflowWrap))]"
            )
            assert breaks == ["normal"]
            texts = page.locator(".chart svg text").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().height).filter(high => high)"
            )
            assert texts
            assert min(texts) >= 10 * 1.1, (width, "a chart is drawn for another width")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_line_in_a_frame(shared: Any, host: Any, opened: Any, lang: str) -> None:
    """The frame of the recipe holds the line with its changes on a phone."""
    body = (
        '<meta name="viewport" content="width=device-width">'
        f'<iframe src="{shared.url}/embed/ticker?changes=1&lang={lang}" title="Курсы" '
        'width="100%" height="96" frameborder="0"></iframe>'
    )
    for width in (320, 390, 768):
        page = opened(host.put(body), viewport={"width": width, "height": 600})
        line = page.frame_locator("iframe").locator("p")
        high, wide = line.evaluate(
            "e => (e = e.ownerDocument.documentElement, "
            "[e.scrollHeight, e.scrollWidth - e.clientWidth])"
        )
        assert (high <= 96, wide) == (True, 0), (width, high)


def test_included_from_right_to_left(shared: Any, host: Any, opened: Any) -> None:
    """In a page that is written from right to left the last sign stays behind its figure."""
    with urlopen(f"{shared.url}/embed/ticker-fragment?codes=AMD,USD") as answer:
        included = answer.read().decode()
    page = opened(host.put(f'<div dir="rtl">{included}</div>'))
    figure, sign = page.locator(".kzt-rate").last.evaluate("""all => {
        const sign = document.createRange();
        sign.selectNodeContents(all.lastChild);
        return [all.querySelector("data"), sign].map(one => one.getBoundingClientRect());
    }""")
    assert figure["right"] <= sign["left"] + 1


def test_an_old_line_in_a_frame(opened: Any, host: Any) -> None:
    """That a line is old stands above it, where a low frame does not hide it."""
    line = 'class="kzt-ticker" lang="ru" data-date="2026-08-20" data-stale="курсы не получены"'
    style = packaged("kzt-rates.css").decode()
    page = opened(host.put(f"<style>{style}</style><body class=kzt-frame><p {line}>Курсы</p>"))
    before, after = (
        page.locator("p").evaluate(f"e => getComputedStyle(e, '::{side}').content")
        for side in ("before", "after")
    )
    assert (before, after) == ('"курсы не получены"', "none")


@pytest.mark.parametrize(
    "path",
    ["/embed/", "/?date=1990-01-01", "/?amount=x", "/?date=2026-08-16", "/embed/ticker?codes=XXX"],
)
def test_axe_finds_nothing_elsewhere(shared: Any, opened: Any, path: str) -> None:
    """Nor is there on pages about embedding, and on those that say what is wrong."""
    for scheme in ("light", "dark"):
        page = opened(shared.url + path, color_scheme=scheme, bypass_csp=True)
        assert findings(page) == []


@pytest.mark.parametrize("path", ["/index.html", "/kk/day/2026-08-20.html", "/embed/en/index.html"])
def test_axe_finds_nothing_in_files(exported: str, opened: Any, path: str) -> None:
    """Nor in the files, whose converter is an element."""
    page = opened(exported + path, viewport=NARROW, bypass_csp=True)
    if "embed" not in path:
        page.wait_for_selector("kzt-converter[data-date] input")
    assert findings(page) == []


def test_no_policy_is_broken(shared: Any, exported: str, opened: Any) -> None:
    """Nothing on our own pages is against their own policy."""
    for address in (shared.url + "/", shared.url + "/embed/", exported + "/", exported + "/embed/"):
        page = opened(address)
        page.wait_for_load_state("networkidle")
        assert page.problems == [], address


def test_converter_without_javascript(shared: Any, opened: Any) -> None:
    """An amount is typed and sent by keyboard; the page that comes has the result."""
    page = opened(shared.url + "/?lang=ru", java_script_enabled=False)
    page.get_by_label("Сумма").fill("1 234,5")
    page.get_by_label("Из").select_option("AMD")
    page.get_by_label("Сумма").press("Enter")
    assert page.locator("output").inner_text().replace("\N{NO-BREAK SPACE}", " ") == (
        "1 234,5 ֏ = 1 565,35 ₸"
    )
    assert "армянский драм" in page.get_by_role("heading", level=2).nth(1).inner_text()


def test_no_part_of_a_pasted_amount(shared: Any, opened: Any) -> None:
    """What is left of a long amount that was pasted into the form is not converted."""
    page = opened(shared.url + "/?lang=ru", java_script_enabled=False)
    page.get_by_label("Сумма").fill("")
    page.get_by_label("Сумма").focus()
    page.keyboard.insert_text(f"1{' ' * 48}000")  # fifty of them would be ten
    page.keyboard.press("Enter")
    page.wait_for_selector(".result.problem")
    assert page.locator("output").count() == 0


def test_days_back_and_forth(shared: Any, opened: Any) -> None:
    """Links lead a day back and forth, and a date is asked for by name."""
    page = opened(shared.url + "/?lang=en", java_script_enabled=False)
    page.get_by_role("link", name="Previous day").click()
    assert "20 August 2026" in page.locator("#rates-heading").inner_text()
    page.get_by_role("link", name="Next day").click()
    assert "21 August 2026" in page.locator("#rates-heading").inner_text()
    page.get_by_label("Date").fill("2015-08-20")
    page.get_by_role("button", name="Show").click()
    assert "20 August 2015" in page.locator("#rates-heading").inner_text()
    assert page.locator("tr", has_text="USD").locator("td").nth(1).inner_text() == "188.38"


def test_keyboard(shared: Any, opened: Any) -> None:
    """The keyboard goes from top to bottom, and first past all of it."""
    page = opened(shared.url + "/?lang=en")
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", reached
    assert reached == [
        "Skip to the rates", "Русский", "Қазақша", "English", "amount", "from", "to", "Convert",
        "1 month",
    ]  # fmt: skip


def test_tree(shared: Any, opened: Any) -> None:
    """A screen reader hears headings, the result, the chart in words, and rows of a table."""
    tree = opened(shared.url + "/?lang=en").locator("body").aria_snapshot()
    for part in (
        'heading "Official rates of the tenge" [level=1]',
        'navigation "Language"',
        "status: 100 $ = 45 823.00 ₸",
        'img "US dollar, 21.08.2025 – 21.08.2026',
        'table "Rates for 21 August 2026"',
        'img "down 3.99 tenge"',
        'link "← 20.08.2026, Previous day"',
    ):
        # some versions of the browser write a space between two elements of a name
        assert part in tree.replace(" , ", ", "), tree


def test_files(exported: str, opened: Any) -> None:
    """The files have the same page: the converter converts, and without JavaScript amounts are."""
    page = opened(exported + "/")
    page.wait_for_selector("kzt-converter[data-date] input")
    page.locator("kzt-converter input").fill("250")
    assert page.locator("kzt-converter output").inner_text().split() == ["114", "557,50", "₸"]
    page.get_by_role("link", name="Предыдущий день").click()
    assert "20 августа 2026" in page.locator("#rates-heading").inner_text()
    page.get_by_role("link", name="Следующий день").click()
    page.get_by_role("link", name="Қазақша").click()
    assert page.locator("h1").inner_text() == "Теңгенің ресми бағамы"
    page.get_by_role("link", name="EUR").click()
    assert page.url.endswith("/chart/kk/EUR.svg")
    page = opened(exported + "/", java_script_enabled=False)
    row = page.locator("kzt-converter tr", has_text="USD")
    assert row.locator("td").last.inner_text().split() == ["458", "230,00"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_converter_of_files_moves_nothing(exported: str, opened: Any, lang: str) -> None:
    """The converter takes the room that the round amounts had, wide and narrow."""
    heights = set()
    for size in (WIDE, NARROW):
        for script in (True, False):
            address = f"{exported}/{LANGUAGES[lang]}index.html"
            page = opened(address, viewport=size, java_script_enabled=script)
            if script:
                page.wait_for_selector("kzt-converter[data-date] input")
            heights.add(page.locator("kzt-converter").bounding_box()["height"])
    assert len(heights) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_stay_within_their_edges(shared: Any, opened: Any, lang: str, theme: str) -> None:
    """No text of a badge or a chart is cut or lies on another one, at 320 pixels."""
    for path in (
        *("badge/USD.svg", "badge/IDR.svg", "chart/USD.svg?last=1y", "chart/VND.svg?last=all"),
        *("chart/EUR.svg?last=1m", "chart/AMD.svg?last=5y", "chart/KWD.svg?last=5y&width=240"),
        *("chart/IRR.svg?last=1y&width=240", "chart/KWD.svg?last=1m&width=300"),
    ):
        mark = "&" if "?" in path else "?"
        page = opened(f"{shared.url}/{path}{mark}lang={lang}&theme={theme}", viewport=NARROW)
        boxes = page.evaluate(
            """() => {
              const edge = document.documentElement.getBoundingClientRect();
              return [[edge.left, edge.top, edge.right, edge.bottom],
                ...[...document.querySelectorAll("text")].map((text) => {
                  const box = text.getBoundingClientRect();
                  return [box.left, box.top + 2, box.right, box.bottom - 3];
                })];
            }"""
        )
        edge, *texts = boxes
        for left, top, right, bottom in texts:
            assert left >= edge[0] - 0.5, path
            assert right <= edge[2] + 0.5, path
            assert bottom <= edge[3] + 1, path
            for other in texts:
                if other != [left, top, right, bottom]:
                    apart = (
                        right <= other[0]
                        or other[2] <= left
                        or bottom <= other[1]
                        or other[3] <= top
                    )
                    assert apart, (path, other, [left, top, right, bottom])

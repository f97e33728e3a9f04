"""The how-to, tried from the page alone: its blocks of HTML on a page of somebody else."""

import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

PAGE = Path(__file__).parents[3] / "docs/how-to/rates-on-a-web-page.md"
BLOCKS = re.findall(r"^```html\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
STYLES = re.findall(r"^```css\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
NGINX = re.findall(r"^```nginx\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
TODAY = "Курсы валют Нацбанка РК (21.08.2026) $ 458.23 ₸ € 535.99 ₸ ¥ 68.17 ₸ ₽ 5.46 ₸"


def test_frame_and_elements(shared: Any, host: Any, opened: Any) -> None:
    """The frame and the elements have today's rates as soon as they are pasted."""
    frame, elements, *_ = (one.replace("https://rates.example.kz", shared.url) for one in BLOCKS)
    page = opened(host.put(f"<style>{STYLES[0]}</style>{frame}{elements}"))
    page.wait_for_selector('kzt-ticker[data-date="2026-08-21"]')
    assert page.locator("kzt-ticker").inner_text() == TODAY
    assert page.locator("kzt-rate").inner_text() == "458,23 ₸"
    assert page.frame_locator("iframe").locator("p").inner_text() == TODAY
    page.wait_for_selector("kzt-converter output")
    assert page.locator("kzt-converter output").inner_text().split() == ["45", "823,00", "₸"]
    # the clock of these tests is a script, which the sandbox keeps out
    assert [one for one in page.problems if "sandboxed" not in one] == []


@pytest.mark.parametrize("day", ["2026-08-21", "2026-08-22"])  # the rates are old on the second
@pytest.mark.parametrize("width", [320, 390, 540, 600, 1280])
def test_nothing_moves(shared: Any, host: Any, opened: Any, width: int, day: str) -> None:
    """With the recipe's style what stands below converters stays where it is, on a phone, too."""
    tags = (
        f'<kzt-converter lang="{lang}" data-date="2026-08-20"></kzt-converter>'
        for lang in ("ru", "kk", "en")
    )
    now = f"{day}T20:00+05:00"
    page = opened("about:blank", now=now, viewport={"width": width, "height": 900})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        "for (const one of list.getEntries()) window.shift += one.value})"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    load = f'<script src="{shared.url}/static/kzt-rates.js" async></script>'
    phone = '<meta name="viewport" content="width=device-width">'
    page.goto(host.put(f"{phone}<style>{STYLES[0]}</style>{''.join(tags)}<p>Новости{load}"))
    page.wait_for_function("document.querySelectorAll('[data-date=\"2026-08-21\"]').length === 3")
    assert page.evaluate("new Promise((done) => setTimeout(() => done(window.shift), 100))") == 0


def test_included_on_a_narrow_page(shared: Any, host: Any, opened: Any) -> None:
    """With the recipe's style no line of an included line begins with a change."""
    included = httpx.get(f"{shared.url}/embed/ticker-fragment?changes=1", trust_env=False).text
    page = opened(host.put(f"<style>{STYLES[1]} p {{line-height: 40px}}</style>{included}"))
    rows = page.evaluate(
        """() => {
          const rows = [];
          for (let width = 160; width < 400; width += 10) {
            document.querySelector("p").style.width = width + "px";
            for (const rate of document.querySelectorAll(".kzt-rate"))
              rows.push(rate.getBoundingClientRect().height < 40);
          }
          return rows;
        }"""
    )
    assert rows == [True] * 24 * 4


def test_pictures(shared: Any, host: Any, opened: Any) -> None:
    """The pictures are drawn in a page."""
    (images,) = [one for one in BLOCKS if "<img" in one]
    page = opened(host.put(images.replace("https://rates.example.kz", shared.url)))
    widths = page.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) == 2
    assert all(widths)


def test_static_site(shared: Any, host: Any, opened: Any) -> None:
    """The frame of an exported site is a file, which has today's line with changes."""
    (address,) = re.findall(
        r"https://rates\.example\.kz(/embed/ticker-changes\S*)`", PAGE.read_text("utf-8")
    )
    page = opened(host.put(f'<iframe src="{shared.url}{address}" title="Курсы" sandbox></iframe>'))
    assert "▼3.99" in page.frame_locator("iframe").locator("p").inner_text()


@pytest.mark.system
def test_nginx_includes_the_line(live: Any, tmp_path: Path) -> None:
    """nginx puts the line into a page, and a sentence once the service is away."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    (include,) = [one for one in BLOCKS if "include virtual" in one]
    for name, directive in (
        ("index.html", include),
        ("wrong.html", include.replace("changes=1", "codes=XXX")),
        ("other.html", include.replace("changes=1", "codes=EUR")),
        ("rates-away.html", '<p lang="ru">Курсы сейчас недоступны.</p>'),
    ):
        (tmp_path / name).write_text(directive, encoding="utf-8")
    cache, places = (one.replace("https://rates.example.kz", live.url) for one in NGINX)
    cache = cache.replace("/var/cache/nginx", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = "".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; events {{}} "
        f"http {{ access_log off; {own} types {{ text/html html; }} {cache} "
        f"server {{ listen 127.0.0.1:{port}; root {tmp_path}; {places} }} }}",
        encoding="utf-8",
    )
    log = str(tmp_path / "log")
    command = ["nginx", "-e", log, "-p", str(tmp_path), "-c", str(config)]
    server = subprocess.Popen(command)
    try:
        transport = httpx.HTTPTransport(retries=8)  # until it listens
        with httpx.Client(
            transport=transport, base_url=f"http://127.0.0.1:{port}", trust_env=False
        ) as http:
            page = http.get("/", headers={"cookie": "secret=1"})
            assert re.sub(r"<[^>]*>", "", page.text).startswith(TODAY[:42])
            assert "▼3.99" in page.text
            assert "не публикует курс такой валюты: XXX" in http.get("/wrong.html").text
            assert http.get("/rates/").status_code == 404
            live.stop()
            assert "недоступны" in http.get("/other.html").text
            assert "▼3.99" in http.get("/").text  # what nginx keeps
    finally:
        server.terminate()
        server.wait()

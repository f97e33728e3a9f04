"""The elements on pages of somebody else: what readers see when all is well, and when it is not."""

import re
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

import pytest

from kzt_rates.web.embed import packaged
from kzt_rates.web.page import hashed_name, integrity

LINE = "Курсы валют Нацбанка РК (21.08.2026) $ 458.23 ₸ € 535.99 ₸ ¥ 68.17 ₸ ₽ 5.46 ₸"
OLD = "Курсы валют Нацбанка РК (20.08.2026) $ 462.22 ₸ € 536.50 ₸ ¥ 68.61 ₸ ₽ 5.43 ₸"
TICKER = f'<kzt-ticker data-date="2026-08-20">{OLD}</kzt-ticker>'
SCRIPT = packaged("kzt-rates.js")


def script(url: str, more: str = "") -> str:
    return f'<script src="{url}/static/kzt-rates.js" {more} async></script>'


def shown(page: Any, selector: str = "kzt-ticker") -> str:
    """Return what a reader sees of an element, with what stands in its shadow."""
    element = page.locator(selector)
    note = element.evaluate(
        "e => e.shadowRoot ? e.shadowRoot.querySelector('[part=note]').textContent : ''"
    )
    return f"{element.inner_text()}{f' · {note}' if note else ''}"


def loaded(page: Any, selector: str = "kzt-ticker") -> None:
    page.wait_for_selector(f'{selector}[data-date="2026-08-21"]:not([data-stale])')


def failed(page: Any, selector: str = "kzt-ticker") -> None:
    page.wait_for_selector(f"{selector}[data-error]")


def test_javascript_is_off(shared: Any, host: Any, opened: Any) -> None:
    """Without JavaScript the element's own text is there, and a frame has today's line."""
    frame = f'<iframe src="{shared.url}/embed/ticker" title="Курсы" sandbox></iframe>'
    page = opened(host.put(script(shared.url) + TICKER + frame), java_script_enabled=False)
    assert page.locator("kzt-ticker").inner_text() == OLD
    framed = page.frame_locator("iframe").locator("p")
    assert framed.inner_text() == LINE
    weight = framed.locator("data").first.evaluate("e => getComputedStyle(e).fontWeight")
    assert weight == "600"  # the sheet of styles is let into a sandbox


def test_todays_line(shared: Any, host: Any, opened: Any) -> None:
    """With JavaScript today's line stands in its place, as text of the page."""
    page = opened(host.put(script(shared.url) + TICKER))
    loaded(page)
    assert shown(page) == LINE
    assert page.locator("kzt-ticker").text_content() == LINE
    assert not page.problems


def test_changes(shared: Any, host: Any, opened: Any) -> None:
    """Arrows of change have words for a screen reader."""
    page = opened(
        host.put(script(shared.url) + '<kzt-ticker codes="USD,RUB" changes>…</kzt-ticker>')
    )
    loaded(page)
    assert shown(page) == ("Курсы валют Нацбанка РК (21.08.2026) $ 458.23 ₸ ▼3.99 ₽ 5.46 ₸ ▲0.03")
    tree = page.locator("body").aria_snapshot()
    assert 'img "ниже на 3.99 тенге"' in tree
    assert 'img "выше на 0.03 тенге"' in tree


@pytest.mark.parametrize(
    ("lang", "line", "rate"),
    [
        ("kk", "ҚР Ұлттық Банкінің валюта бағамдары (21.08.2026) $ 458.23 ₸", "10 ֏ 12,68 ₸"),
        ("en", "Exchange rates of the National Bank of Kazakhstan (21.08.2026) $ 458.23 ₸",
         "10 ֏ 12.68 ₸"),
    ],
)  # fmt: skip
def test_languages(shared: Any, host: Any, opened: Any, lang: str, line: str, rate: str) -> None:
    """An element speaks the language of what is around it."""
    body = '<kzt-ticker codes="usd">…</kzt-ticker> <kzt-rate code="AMD">…</kzt-rate>'
    page = opened(host.put(f'{script(shared.url)}<div lang="{lang}">{body}</div>'))
    loaded(page)
    loaded(page, "kzt-rate")
    assert shown(page) == line
    assert shown(page, "kzt-rate") == rate


def test_server_is_gone(live: Any, host: Any, opened: Any) -> None:
    """When the service does not answer the text stays, is marked, and says of which day it is."""
    address = host.put(
        f'<script src="/rates.js"></script>{TICKER.replace(" data", f" base={live.url!r} data", 1)}'
    )
    host.pages["/rates.js"] = (SCRIPT, "text/javascript", {})
    live.stop()
    page = opened(address)
    failed(page)
    assert page.locator("kzt-ticker").text_content() == OLD
    assert shown(page) == f"{OLD} · новые курсы не получены, это данные за 20.08.2026"
    assert page.locator("kzt-ticker").get_attribute("data-stale") is not None


def test_server_goes_later(shared: Any, host: Any, opened: Any) -> None:
    """Figures that came stay when the next question fails, and are marked."""
    page = opened(host.put(script(shared.url) + TICKER))
    loaded(page)
    page.route("**/embed/rates.json", lambda route: route.abort())
    page.clock.set_fixed_time("2026-08-21T20:20+05:00")
    page.evaluate("document.querySelector('kzt-ticker').refresh()")
    failed(page)
    assert shown(page) == f"{LINE} · новые курсы не получены, это данные за 21.08.2026"


def test_slow_server(shared: Any, host: Any, opened: Any) -> None:
    """A service that does not answer in eight seconds is as good as gone."""
    address = host.put(script(shared.url) + TICKER)
    page = opened("about:blank")
    page.route("**/embed/rates.json", lambda _: None)
    page.clock.install(time="2026-08-21T20:00+05:00")
    with page.expect_request("**/embed/rates.json"):  # maybe before the page has loaded
        page.goto(address)
        page.wait_for_function("!!customElements.get('kzt-ticker')")
        page.clock.run_for(100)
    assert page.locator("kzt-ticker").get_attribute("data-stale") is None
    assert shown(page) == OLD
    page.clock.run_for(8000)
    failed(page)
    assert shown(page).endswith("это данные за 20.08.2026")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": "no"},
        {"status": 200, "body": "<html>"},
        {"status": 200, "body": "{}"},
        {"status": 200, "body": '{"date":"2026-08-21","rates":[]}'},
        {"status": 200, "body": '{"date":"2026-08-21","rates":[{"currency":"USD","symbol":"$",'
         '"nominal":1,"value":"0","change":null}]}'},
        {"status": 200, "body": '{"date":"<b>","rates":[{"currency":"USD","symbol":"$",'
         '"nominal":1,"value":"1","change":null}]}'},
    ],
)  # fmt: skip
def test_what_is_no_answer(shared: Any, host: Any, opened: Any, answer: dict[str, Any]) -> None:
    """An answer that is not one leaves the text, marked."""
    page = opened("about:blank")
    headers = {"access-control-allow-origin": "*"}
    page.route("**/embed/rates.json", lambda route: route.fulfill(headers=headers, **answer))
    page.goto(host.put(script(shared.url) + TICKER))
    failed(page)
    assert page.locator("kzt-ticker").text_content() == OLD


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ('codes="USD,XXX"', "no rate of XXX"),
        ('codes="USD,EEK"', "no rate of EEK"),
        ('date="2026-13-45"', "date: 2026-13-45"),
        ('date="yesterday"', "date: yesterday"),
        ('date="1990-01-01"', "404"),
        ('base="http://127.0.0.1:1/"', "fetch"),
    ],
)
def test_bad_input(shared: Any, host: Any, opened: Any, attributes: str, said: str) -> None:
    """For what nobody knows the element keeps its text, and says to the author what is wrong."""
    page = opened(host.put(f"{script(shared.url)}<kzt-ticker {attributes}>Курсы</kzt-ticker>"))
    failed(page)
    assert page.locator("kzt-ticker").text_content() == "Курсы"
    assert shown(page) == "Курсы · новые курсы не получены, дата неизвестна"
    error = page.locator("kzt-ticker").get_attribute("data-error")
    assert said in error or "422" in error or "503" in error


def test_another_date(shared: Any, host: Any, opened: Any) -> None:
    """An answer for another date than the one asked for is not shown."""
    page = opened("about:blank")
    page.route(
        "**/embed/rates/2026-08-20.json",
        lambda route: route.continue_(url=f"{shared.url}/embed/rates/2026-08-19.json"),
    )
    page.goto(host.put(f'{script(shared.url)}<kzt-ticker date="2026-08-20">Курсы</kzt-ticker>'))
    failed(page)
    assert page.locator("kzt-ticker").text_content() == "Курсы"


def test_a_date(shared: Any, host: Any, opened: Any) -> None:
    """A date that is asked for by name is not old."""
    page = opened(host.put(f'{script(shared.url)}<kzt-ticker date="2025-11-29">Курсы</kzt-ticker>'))
    page.wait_for_selector('kzt-ticker[data-date="2025-11-29"]')
    assert shown(page) == (
        "Курсы валют Нацбанка РК (29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"
    )
    assert page.locator("kzt-ticker").get_attribute("data-stale") is None


def test_an_old_figure(shared: Any, host: Any, opened: Any) -> None:
    """A figure that is not today's by the reader's clock is marked, whatever the service says."""
    page = opened(host.put(script(shared.url) + TICKER), now="2026-08-22T00:01+05:00")
    page.wait_for_selector('kzt-ticker[data-date="2026-08-21"][data-stale]')
    assert shown(page) == f"{LINE} · новые курсы не получены, это данные за 21.08.2026"


def test_a_strict_policy(shared: Any, host: Any, opened: Any) -> None:
    """A page that allows scripts and data of the service and nothing else sees no violation."""
    policy = f"default-src 'none'; script-src {shared.url}; connect-src {shared.url}"
    body = f"{script(shared.url)}{TICKER}<kzt-rate>…</kzt-rate><kzt-converter>…</kzt-converter>"
    page = opened(host.put(body, content_security_policy=policy))
    loaded(page)
    loaded(page, "kzt-rate")
    loaded(page, "kzt-converter")
    style = page.locator("kzt-converter input").evaluate("e => getComputedStyle(e).width")
    assert style != "auto"
    assert [one for one in page.problems if "favicon" not in one] == []


def test_two_versions(shared: Any, host: Any, opened: Any) -> None:
    """Two versions of the file on a page do not meet."""
    other = SCRIPT.replace(b"MIT.", b"MIT. Another version.")
    host.pages["/kzt-rates.js"] = (other, "text/javascript", {})
    body = f'{script(shared.url)}<script src="/kzt-rates.js"></script>{TICKER}'
    page = opened(host.put(body.replace("<kzt-ticker", f'<kzt-ticker base="{shared.url}/"')))
    loaded(page)
    assert shown(page) == LINE
    assert not page.problems


def test_no_part_of_a_pasted_amount(shared: Any, host: Any, opened: Any) -> None:
    """What is left of a long amount that is pasted into a converter is not converted."""
    page = opened(host.put(script(shared.url) + "<kzt-converter>…</kzt-converter>"))
    loaded(page, "kzt-converter")
    page.locator("kzt-converter input").fill("")
    page.locator("kzt-converter input").focus()
    page.keyboard.insert_text(f"1{' ' * 48}000")  # fifty of them would be ten
    assert page.locator("kzt-converter output").inner_text() == "Пишите 1250 или 1250,50"


def test_twice_on_a_page(shared: Any, host: Any, opened: Any) -> None:
    """Two elements of a page ask once."""
    asked: list[str] = []
    page = opened("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    second = '<kzt-ticker id="b" codes="EUR" lang="en">…</kzt-ticker>'
    page.goto(host.put(script(shared.url) + TICKER + second))
    loaded(page)
    loaded(page, "#b")
    assert shown(page, "#b").endswith("(21.08.2026) € 535.99 ₸")
    assert sum("rates.json" in url for url in asked) == 1


def test_as_a_module_and_moved(shared: Any, host: Any, opened: Any) -> None:
    """As a module it works, and so it does on an element that is made by a script and moved."""
    body = (
        f'<script type="module" src="{shared.url}/static/kzt-rates.js" crossorigin></script>'
        "<main></main><footer></footer>"
    )
    page = opened(host.put(body))
    page.evaluate(
        """() => {
          const element = document.createElement("kzt-rate");
          element.setAttribute("code", "USD");
          document.querySelector("main").append(element);
          document.querySelector("footer").append(element);
        }"""
    )
    loaded(page, "kzt-rate")
    assert shown(page, "kzt-rate") == "458,23 ₸"
    page.locator("kzt-rate").evaluate("e => e.setAttribute('code', 'EUR')")
    page.wait_for_function("document.querySelector('kzt-rate').textContent === '535,99 ₸'")


AWAY = "новые курсы не получены, "


def go_away(page: Any) -> None:
    """Have the service give no answer any more, and the last one be too old."""
    page.route("**/embed/rates.json", lambda route: route.abort())
    page.clock.set_fixed_time("2026-08-21T20:20+05:00")


@pytest.mark.parametrize("copy", ["one.cloneNode(true).outerHTML", "one.outerHTML"])
@pytest.mark.parametrize("tag", ["kzt-ticker", "kzt-rate"])
def test_a_copy_keeps_the_text(shared: Any, host: Any, opened: Any, tag: str, copy: str) -> None:
    """A copy of an element, such as a carousel or a saved page has, shows its text before rates."""
    page = opened(host.put(f"{script(shared.url)}<{tag}>…</{tag}><main></main>"))
    loaded(page, tag)
    text = page.locator(tag).inner_text()
    go_away(page)
    page.evaluate(
        f"const one = document.querySelector('{tag}');"
        f"document.querySelector('main').innerHTML = {copy}"
    )
    failed(page, f"main {tag}")
    assert shown(page, f"main {tag}") == f"{text} · {AWAY}это данные за 21.08.2026"
    assert "458" in text


def test_a_copied_node_keeps_the_text(shared: Any, host: Any, opened: Any) -> None:
    """So does a copied node."""
    page = opened(host.put(script(shared.url) + TICKER + "<main></main>"))
    loaded(page)
    go_away(page)
    page.evaluate(
        "document.querySelector('main').append("
        "document.querySelector('kzt-ticker').cloneNode(true))"
    )
    failed(page, "main kzt-ticker")
    assert shown(page, "main kzt-ticker") == f"{LINE} · {AWAY}это данные за 21.08.2026"


@pytest.mark.parametrize(
    ("name", "value"), [("code", "EUR"), ("code", "XXX"), ("date", "2026-08-20"), ("date", "x")]
)
def test_no_figure_of_another_question(
    shared: Any, host: Any, opened: Any, name: str, value: str
) -> None:
    """A rate of another code or day is not shown for the one that is asked for now."""
    page = opened(host.put(f"{script(shared.url)}<kzt-rate>…</kzt-rate>"))
    loaded(page, "kzt-rate")
    go_away(page)
    page.route("**/embed/rates/*.json", lambda route: route.abort())
    page.locator("kzt-rate").evaluate(
        "(e, [name, value]) => e.setAttribute(name, value)", [name, value]
    )
    assert page.locator("kzt-rate").text_content() == "…"  # before anything came
    failed(page, "kzt-rate")
    assert shown(page, "kzt-rate") == f"… · {AWAY}дата неизвестна"
    assert page.locator("kzt-rate").get_attribute("title") == ""
    page.unroute("**/embed/rates.json")
    page.locator("kzt-rate").evaluate(
        "e => { e.removeAttribute('date'); e.setAttribute('code', 'EUR') }"
    )
    page.wait_for_selector("kzt-rate[data-date]")
    assert shown(page, "kzt-rate") == "535,99 ₸"


def test_no_figure_of_another_question_in_a_copy(shared: Any, host: Any, opened: Any) -> None:
    """Nor is it in a copy whose code or date is set before it is put into the page."""
    page = opened(host.put(f'{script(shared.url)}<kzt-rate code="USD">…</kzt-rate><main></main>'))
    loaded(page, "kzt-rate")
    go_away(page)
    page.evaluate(
        """() => {
          const copy = document.querySelector("kzt-rate").cloneNode(true);
          copy.setAttribute("code", "EUR");
          document.querySelector("main").append(copy);
        }"""
    )
    failed(page, "main kzt-rate")
    assert shown(page, "main kzt-rate") == f"… · {AWAY}дата неизвестна"
    assert page.locator("main kzt-rate").get_attribute("title") == ""


def test_no_figure_of_another_question_before_rates(shared: Any, host: Any, opened: Any) -> None:
    """Nor is the page's own text of before, where no rates have come."""
    page = opened("about:blank")
    page.route("**/embed/rates.json", lambda route: route.abort())
    text = '<kzt-rate code="USD" data-date="2026-08-20">462,22 ₸</kzt-rate>'
    page.goto(host.put(script(shared.url) + text))
    failed(page, "kzt-rate")
    assert shown(page, "kzt-rate") == f"462,22 ₸ · {AWAY}это данные за 20.08.2026"
    page.locator("kzt-rate").evaluate("e => e.setAttribute('code', 'EUR')")
    page.wait_for_selector("kzt-rate:not([data-date])")
    page.wait_for_function(
        "document.querySelector('kzt-rate').shadowRoot.textContent.includes('неизвестна')"
    )
    assert shown(page, "kzt-rate") == f"… · {AWAY}дата неизвестна"


def test_an_answer_to_the_question_before(shared: Any, host: Any, opened: Any) -> None:
    """An answer for another day that comes after the date was changed is not shown."""
    page = opened(host.put(f"{script(shared.url)}<kzt-rate>…</kzt-rate>"))
    loaded(page, "kzt-rate")
    data = {"date": "2026-08-20", "rates": [GOOD_ROW]}
    text = page.locator("kzt-rate").evaluate(
        """async (e, data) => {
          const later = () => new Promise((done) => setTimeout(done, 50));
          let answer;
          window.fetch = (url) => url.includes(data.date) ?
            new Promise((done) => answer = done) : Promise.reject(new Error("away"));
          e.setAttribute("date", data.date);
          await later();
          e.setAttribute("date", "2026-08-19");
          answer({ok: true, json: async () => data});
          await later();
          return e.textContent;
        }""",
        data,
    )
    assert text == "…"


def test_the_same_code_again(shared: Any, host: Any, opened: Any) -> None:
    """Setting an attribute to what it is, or a text of the page's own, takes nothing away."""
    page = opened(host.put(f'{script(shared.url)}<kzt-rate code="USD">…</kzt-rate>'))
    loaded(page, "kzt-rate")
    page.locator("kzt-rate").evaluate("e => e.setAttribute('code', 'USD')")
    assert page.locator("kzt-rate").text_content() == "458,23 ₸"
    go_away(page)
    page.locator("kzt-rate").evaluate(
        "e => { e.textContent = '536,50 ₸'; e.setAttribute('code', 'EUR') }"
    )
    failed(page, "kzt-rate")
    assert shown(page, "kzt-rate") == f"536,50 ₸ · {AWAY}дата неизвестна"
    assert page.locator("kzt-rate").get_attribute("title") == ""  # it was the dollar's


def test_a_copy_of_a_converter(shared: Any, host: Any, opened: Any) -> None:
    """A copy begins with what was computed, and with its date, not with text of another day."""
    body = '<kzt-converter data-date="2026-08-20">100 $ = 46 222 ₸</kzt-converter><main></main>'
    page = opened(host.put(script(shared.url) + body))
    loaded(page, "kzt-converter")
    page.locator("kzt-converter input").fill("20,5")
    page.locator("kzt-converter select").first.select_option("EUR")
    go_away(page)
    page.evaluate(
        "document.querySelector('main').append("
        "document.querySelector('kzt-converter').cloneNode(true))"
    )
    failed(page, "main kzt-converter")
    assert shown(page, "main kzt-converter").replace("\N{NO-BREAK SPACE}", " ") == (
        f"20,5 € = 10 987,80 ₸ по курсу на 21.08.2026 · {AWAY}это данные за 21.08.2026"
    )
    page.locator("kzt-converter input").fill("x")
    assert page.locator("kzt-converter").first.text_content() == "Пишите 1250 или 1250,50"


def test_a_page_changes_what_it_is_told(shared: Any, host: Any, opened: Any) -> None:
    """What a listener does to the figures of an event is no figure of any element."""
    page = opened(host.put("<kzt-converter from=UZS to=KZT></kzt-converter>"))
    page.evaluate(
        """(url) => {
          document.addEventListener("kzt-rates-loaded", (event) => {
            for (const rate of event.detail.rates) {
              rate.value = String(rate.value / rate.nominal);
              if (rate.currency !== "UZS") rate.nominal = 7;
            }
          });
          document.head.append(Object.assign(document.createElement("script"), {src: url}));
        }""",
        f"{shared.url}/static/kzt-rates.js",
    )
    loaded(page, "kzt-converter")
    page.locator("kzt-converter input").fill("1000")
    result = page.locator("kzt-converter output").inner_text()
    assert result.replace("\N{NO-BREAK SPACE}", " ") == "38,80 ₸"
    page.evaluate("document.body.append(document.createElement('kzt-ticker'))")
    loaded(page)
    assert shown(page) == LINE


def test_refreshed_outside_of_the_page(shared: Any, host: Any, opened: Any) -> None:
    """An element that was never in a page can be told to look again; it begins in the page."""
    page = opened(host.put(script(shared.url) + TICKER))
    loaded(page)
    page.evaluate(
        """() => {
          window.made = ["kzt-rate", "kzt-converter"].map((tag) => document.createElement(tag));
          for (const one of made) one.refresh();
          document.querySelector("kzt-ticker").setAttribute("codes", "USD"); // answered after them
        }"""
    )
    page.wait_for_function("document.querySelector('kzt-ticker').children.length === 5")
    page.evaluate("document.body.append(...made)")
    loaded(page, "kzt-rate")
    loaded(page, "kzt-converter")
    assert page.problems == []


def test_written_into_a_frame(shared: Any, host: Any, opened: Any) -> None:
    """The script may be a part of a page that has no address of its own."""
    page = opened(host.put("<iframe></iframe>"))
    page.evaluate(
        """([code, url]) => {
          document.querySelector("iframe").srcdoc = `<script>${code}</` +
            `script><kzt-ticker base="${url}/">…</kzt-ticker>`;
        }""",
        [SCRIPT.decode(), shared.url],
    )
    framed = page.frame_locator("iframe").locator("kzt-ticker[data-date]")
    assert framed.inner_text() == LINE
    assert page.problems == []


def test_in_a_document_without_a_window(shared: Any, host: Any, opened: Any) -> None:
    """An element that is put into a document that nobody sees does nothing, and logs no error."""
    page = opened(host.put(script(shared.url) + TICKER))
    loaded(page)
    page.evaluate(
        """() => {
          const there = document.implementation.createHTMLDocument("").body;
          window.there = there;
          there.append(document.querySelector("kzt-ticker"), document.createElement("kzt-rate"));
        }"""
    )
    assert not page.problems
    page.evaluate("document.body.append(...window.there.children)")
    loaded(page, "kzt-rate")
    assert shown(page) == LINE
    assert not page.problems


def test_in_another_document(shared: Any, host: Any, opened: Any) -> None:
    """An element that is moved into a frame or first connected there is shown, and dressed."""
    page = opened(host.put(script(shared.url) + TICKER + "<iframe title='Курсы'></iframe>"))
    loaded(page)
    page.evaluate(
        """() => {
          const made = document.createElement("kzt-converter");
          const body = document.querySelector("iframe").contentDocument.body;
          body.append(made, document.querySelector("kzt-ticker"));
        }"""
    )
    frame = page.frames[-1]
    frame.wait_for_selector("kzt-converter[data-date]")
    assert frame.locator("kzt-ticker").inner_text() == LINE
    for tag in ("kzt-ticker", "kzt-converter"):
        assert frame.locator(tag).evaluate("e => getComputedStyle(e).display") == "block"
    page.evaluate(
        "document.body.append(document.querySelector('iframe').contentDocument"
        ".querySelector('kzt-ticker'))"
    )
    assert page.locator("kzt-ticker").evaluate("e => getComputedStyle(e).display") == "block"
    assert not page.problems


def test_in_a_shadow(shared: Any, host: Any, opened: Any) -> None:
    """Within another element's shadow it speaks the language around that element."""
    page = opened(host.put(f'{script(shared.url)}<div lang="en"><p></p></div>'))
    page.evaluate(
        "document.querySelector('p').attachShadow({mode: 'open'}).innerHTML ="
        "'<kzt-ticker codes=USD>…</kzt-ticker>'"
    )
    loaded(page)
    assert shown(page) == (
        "Exchange rates of the National Bank of Kazakhstan (21.08.2026) $ 458.23 ₸"
    )


def test_the_page_changes_its_language(shared: Any, host: Any, opened: Any) -> None:
    """When the language around an element changes, it follows within seconds."""
    page = opened("about:blank")
    page.clock.install(time="2026-08-21T20:00+05:00")
    page.goto(host.put(f"{script(shared.url)}<kzt-ticker codes='USD'>…</kzt-ticker>"))
    page.wait_for_function("!!customElements.get('kzt-ticker')")
    page.clock.run_for(100)
    loaded(page)
    assert shown(page) == USD.format("21.08.2026", "458.23")
    page.evaluate("document.documentElement.lang = 'en'")
    page.clock.run_for(2000)
    page.wait_for_function("document.querySelector('kzt-ticker').innerText.startsWith('Exchange')")


def test_a_clock_that_is_set_back(shared: Any, host: Any, opened: Any) -> None:
    """A page that was opened by a clock hours ahead still looks again, and asks."""
    page = opened("about:blank")
    page.add_init_script("Math.random = () => 0")
    page.clock.install(time="2026-08-21T20:00+05:00")
    page.goto(host.put(f"{script(shared.url)}<kzt-rate>…</kzt-rate>"))
    page.wait_for_function("!!customElements.get('kzt-rate')")
    page.clock.run_for(100)
    loaded(page, "kzt-rate")
    todays(page, "2026-08-21", value="459")  # a correction
    page.clock.set_system_time("2026-08-21T11:00+05:00")
    page.clock.run_for(2000)
    page.wait_for_function("document.querySelector('kzt-rate').textContent === '459,00 ₸'")


def test_a_shadow_from_the_server(shared: Any, host: Any, opened: Any) -> None:
    """A shadow that came with the page is replaced by the element's own."""
    shadow = '<template shadowrootmode="open"><slot></slot></template>'
    page = opened(host.put(f"{script(shared.url)}<kzt-rate>{shadow}462,22 ₸</kzt-rate>"))
    loaded(page, "kzt-rate")
    assert shown(page, "kzt-rate") == "458,23 ₸"
    assert not page.problems


def test_from_right_to_left(shared: Any, host: Any, opened: Any) -> None:
    """On a page that is written from right to left a sign stays behind its figure."""
    body = (
        f'{script(shared.url)}<div dir="rtl" lang="ru"><kzt-rate code="AMD">…</kzt-rate>'
        "<kzt-ticker>…</kzt-ticker></div>"
    )
    page = opened(host.put(body))
    loaded(page)
    loaded(page, "kzt-rate")
    for tag in ("kzt-rate", "kzt-ticker"):
        lefts = page.locator(f"{tag} > [slot]").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().left)"
        )
        assert len(lefts) > 2
        assert lefts == sorted(lefts), tag


def test_the_tenge_among_the_converters_codes(shared: Any, host: Any, opened: Any) -> None:
    """An author may name the tenge among the codes, which is there anyway."""
    body = f'{script(shared.url)}<kzt-converter codes="KZT, usd,EUR">…</kzt-converter>'
    page = opened(host.put(body))
    loaded(page, "kzt-converter")
    options = page.locator("kzt-converter select").first.locator("option").all_inner_texts()
    assert options == ["KZT", "USD", "EUR"]


def test_a_converter_without_the_dollar(shared: Any, host: Any, opened: Any) -> None:
    """It starts with its first currency, and does not call rates that came old."""
    body = f'{script(shared.url)}<kzt-converter codes="eur,RUB">…</kzt-converter>'
    page = opened(host.put(body))
    loaded(page, "kzt-converter")
    assert page.locator("kzt-converter select").first.input_value() == "EUR"
    result = page.locator("kzt-converter output").inner_text()
    assert result.replace("\N{NO-BREAK SPACE}", " ") == "53 599,00 ₸"
    assert page.locator("kzt-converter[data-error]").count() == 0


def test_pinned(shared: Any, host: Any, opened: Any) -> None:
    """The pinned script is run, and one with another content is not; then the text stays."""
    pin = f'integrity="{integrity(SCRIPT)}" crossorigin="anonymous"'
    source = f'<script src="{shared.url}/static/{hashed_name(SCRIPT)}" {pin}></script>'
    page = opened(host.put(source + TICKER))
    loaded(page)
    wrong = source.replace("sha384-", "sha384-A")
    page = opened(host.put(wrong + TICKER, "/wrong"))
    assert page.locator("kzt-ticker").inner_text() == OLD


def test_no_layout_shift(shared: Any, host: Any, opened: Any) -> None:
    """Nothing on the page moves when the line is replaced."""
    body = (
        f"{script(shared.url)}{TICKER}<p>Курс доллара <kzt-rate data-date='2026-08-20'>462,22 ₸"
        "</kzt-rate> сегодня.</p><p>Новости</p>"
    )
    page = opened("about:blank")
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        "for (const one of list.getEntries()) window.shift += one.value})"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(host.put(body))
    loaded(page)
    loaded(page, "kzt-rate")
    assert page.evaluate("new Promise((done) => setTimeout(() => done(window.shift), 100))") == 0


def test_no_line_breaks_within_a_rate(shared: Any, host: Any, opened: Any) -> None:
    """However narrow a page is, a sign, its figure, that of the tenge and the change are together.

    A change at the beginning of a line would seem to be that of the rate behind it.
    """
    body = (
        '<main><kzt-ticker codes="USD,EUR,UZS,IRR" changes>…</kzt-ticker>'
        'Сум: <kzt-rate code="UZS">…</kzt-rate></main>'
    )
    page = opened(host.put(script(shared.url) + body))
    loaded(page)
    loaded(page, "kzt-rate")
    lines = page.evaluate(
        """() => {
          const parts = [];
          for (let width = 160; width < 400; width += 10) {
            document.querySelector("main").style.width = width + "px";
            for (const one of document.querySelectorAll("main [slot]")) {
              const part = one.assignedSlot.part.value, place = one.getClientRects();
              parts.push([part, place.length, Math.round(place[0].top)]);
            }
          }
          return parts;
        }"""
    )
    together = 0
    for (part, rows, top), (follower, _, after) in pairwise(lines):
        if part in ("symbol", "value") or follower.startswith("change"):
            together += 1
            assert (rows, top) == (1, after), part
    assert together == 24 * (10 + 4)


def test_parts_and_variables(shared: Any, host: Any, opened: Any) -> None:
    """A page dresses the parts from outside."""
    style = (
        "<style>kzt-ticker{--kzt-down:rgb(1, 2, 3)} kzt-ticker::part(value){color:rgb(9, 8, 7)}"
        "</style>"
    )
    body = f"{script(shared.url)}{style}<kzt-ticker codes='USD' changes>…</kzt-ticker>"
    page = opened(host.put(body))
    loaded(page)
    colours = page.locator("kzt-ticker span").evaluate_all(
        "spans => spans.map(s => [s.textContent.trim(), getComputedStyle(s).color])"
    )
    assert ["458.23", "rgb(9, 8, 7)"] in colours
    assert ["▼3.99", "rgb(1, 2, 3)"] in colours


AMOUNTS = (
    "1",
    "100",
    "0.01",
    "-2500.5",
    "123456789012345678901234567890",
    "0.0000000001",
    "33.335",
)
PAIRS = [
    ("USD", "KZT"),
    ("KZT", "USD"),
    ("USD", "EUR"),
    ("IRR", "XDR"),
    ("UZS", "AMD"),
    ("EUR", "EUR"),
]


def test_converter_is_exact(shared: Any, host: Any, opened: Any) -> None:
    """It converts as the library does, to the digit, whatever the amount."""
    codes = "USD,EUR,UZS,AMD,XDR,IRR,VND"
    converter = f'<kzt-converter lang="en" places="2" codes="{codes}">…</kzt-converter>'
    page = opened(host.put(script(shared.url) + converter))
    loaded(page, "kzt-converter")
    sheet = shared.client.sheet("2026-08-21")
    field, selects = page.locator("kzt-converter input"), page.locator("kzt-converter select")
    output = page.locator("kzt-converter output")
    for (base, quote), amount in product(PAIRS, AMOUNTS):
        if {base, quote} - {"KZT", *sheet}:
            continue
        field.fill(amount)
        selects.nth(0).select_option(base)
        selects.nth(1).select_option(quote)
        digits = re.sub(r"\s", "", output.inner_text().rpartition("\N{NO-BREAK SPACE}")[0])
        assert Decimal(digits) == sheet.convert(amount, base, quote, places=2), (
            base,
            quote,
            amount,
        )


@pytest.mark.parametrize(
    ("lang", "typed", "result"),
    [
        ("ru", "1 234,5", "565 684,94 ₸"),
        ("kk", "1234.5", "565 684,94 ₸"),
        ("en", "1234.5", "565 684.94 ₸"),
        ("en", "1,234", "Write 1250 or 1250.50"),
        ("ru", "1.234,5", "Пишите 1250 или 1250,50"),
        ("ru", "", "Пишите 1250 или 1250,50"),
        ("ru", "0.0001", "0,046 ₸"),
    ],
)
def test_what_is_typed(
    shared: Any, host: Any, opened: Any, lang: str, typed: str, result: str
) -> None:
    """Nothing is guessed of an amount, and a small one does not become nothing."""
    page = opened(host.put(f'{script(shared.url)}<kzt-converter lang="{lang}">…</kzt-converter>'))
    loaded(page, "kzt-converter")
    page.locator("kzt-converter input").fill(typed)
    text = page.locator("kzt-converter output").inner_text()
    assert text.replace("\N{NO-BREAK SPACE}", " ") == result


GOOD_ROW = {"currency": "USD", "symbol": "$", "nominal": 1, "value": "470.5", "change": None}


@pytest.mark.parametrize(
    "row",
    [
        {"value": 470.5},
        {"value": "4.7e2"},
        {"value": "-470.5"},
        {"value": "NaN"},
        {"value": "470,5"},
        {"value": "0.00"},
        {"value": "9" * 100_000},
        {"value": None},
        {"value": ["470.5"]},
        {"nominal": 0},
        {"nominal": "1"},
        {"nominal": 1.5},
        {"nominal": 1e300},
        {"currency": "usd"},
        {"currency": "<b>"},
        {"symbol": None},
        {"symbol": "$ 470.5 ₸ " * 9},
        {"change": "12%"},
        {"change": 0.5},
        {"change": "1e9"},
    ],
    ids=lambda row: str(row)[:30],
)
def test_hostile_figures(shared: Any, host: Any, opened: Any, row: dict[str, Any]) -> None:
    """Of a row that is not one nothing is shown: neither by the line nor by the converter."""
    page = opened("about:blank")
    page.route("**/embed/rates.json", lambda route: answer_with(route, [{**GOOD_ROW, **row}]))
    body = f"{script(shared.url)}{TICKER}<kzt-converter>Курсы</kzt-converter>"
    page.goto(host.put(body))
    failed(page)
    failed(page, "kzt-converter")
    assert page.locator("kzt-ticker").text_content() == OLD
    assert page.locator("kzt-converter").inner_text() == "Курсы"


@pytest.mark.parametrize(
    "day",
    ["2026-02-30", "2026-13-01", "0000-00-00", "20260821", "2026-08-21T00:00", None, 20260821],
)
def test_hostile_dates(shared: Any, host: Any, opened: Any, day: Any) -> None:
    """Figures of no date are not shown."""
    page = opened("about:blank")
    page.route("**/embed/rates.json", lambda route: answer_with(route, [GOOD_ROW], day))
    page.goto(
        host.put(script(shared.url) + TICKER.replace("<kzt-ticker", '<kzt-ticker codes="USD"'))
    )
    failed(page)
    assert page.locator("kzt-ticker").text_content() == OLD


def test_a_currency_twice(shared: Any, host: Any, opened: Any) -> None:
    """Of two rates of a currency neither is taken."""
    page = opened("about:blank")
    rows = [GOOD_ROW, {**GOOD_ROW, "value": "480.5"}]
    page.route("**/embed/rates.json", lambda route: answer_with(route, rows))
    page.goto(host.put(f"{script(shared.url)}<kzt-ticker codes='USD'>Курсы</kzt-ticker>"))
    failed(page)
    assert page.locator("kzt-ticker").text_content() == "Курсы"


def answer_with(route: Any, rows: list[dict[str, Any]], day: Any = "2026-08-21") -> None:
    route.fulfill(
        headers={"access-control-allow-origin": "*"},
        json={"date": day, "rates": rows, "stale": False},
    )


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("base", "javascript:alert(1)//"),
        ("base", "data:application/json,{}"),
        ("base", "http://"),
        ("code", "<img src=x onerror=alert(1)>"),
        ("code", 'USD" onload=alert(1)'),
        ("code", "__proto__"),
        ("date", "../../evil"),
        ("date", "2026-08-20.json?x="),
        ("date", ""),
    ],
)
def test_hostile_attributes(
    shared: Any, host: Any, opened: Any, attribute: str, value: str
) -> None:
    """Whatever an attribute holds, it is neither run nor an address elsewhere; the text stays."""
    page = opened(host.put(f"{script(shared.url)}<p></p>"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """([name, value]) => {
          const one = document.createElement("kzt-rate");
          one.textContent = "462,22 ₸";
          one.setAttribute(name, value);
          document.querySelector("p").append(one);
        }""",
        [attribute, value],
    )
    failed(page, "kzt-rate")
    assert page.locator("kzt-rate").text_content() == "462,22 ₸"
    assert page.locator("img").count() == 0
    assert all(url == f"{shared.url}/embed/rates.json" for url in asked)


def test_converter_stays_of_one_day(shared: Any, host: Any, opened: Any) -> None:
    """When later rates lack the chosen currency, the figures, and the date below them, stay."""
    page = opened(host.put(f'{script(shared.url)}<kzt-converter from="EUR">…</kzt-converter>'))
    loaded(page, "kzt-converter")
    page.route("**/embed/rates.json", lambda route: answer_with(route, [GOOD_ROW], "2026-08-22"))
    page.clock.set_fixed_time("2026-08-22T20:20+05:00")
    page.locator("kzt-converter").evaluate("e => e.refresh()")
    failed(page, "kzt-converter")
    page.locator("kzt-converter input").fill("200")
    text = page.locator("kzt-converter").evaluate("e => e.shadowRoot.textContent")
    assert text.replace("\N{NO-BREAK SPACE}", " ").endswith(
        "107 198,00 ₸по курсу на 21.08.2026новые курсы не получены, это данные за 21.08.2026"
    )


def todays(page: Any, day: str, *, value: str = "470.5", **more: Any) -> None:
    """Have the service answer with one rate of a day where it is asked for today's."""
    row = {**GOOD_ROW, "value": value}
    answer = {"date": day, "requested_date": day, "rates": [row], "stale": False, **more}
    page.unroute("**/embed/rates.json")
    page.route(
        "**/embed/rates.json",
        lambda route: route.fulfill(headers={"access-control-allow-origin": "*"}, json=answer),
    )


def look_again(page: Any, day: str, hour: int) -> None:
    """Have the element look at the rates anew, later on a day."""
    page.clock.set_fixed_time(f"{day}T{hour}:00+05:00")
    page.locator("kzt-ticker, kzt-rate").first.evaluate(
        "e => new Promise(done => { e.removeAttribute('data-error'); e.refresh();"
        "for (const what of ['loaded', 'error'])"
        "e.addEventListener('kzt-rates-' + what, done, {once: true}) })"
    )


USD = "Курсы валют Нацбанка РК ({}) $ {} ₸"
NOTE = "новые курсы не получены, это данные за {}"


@pytest.mark.parametrize("hours", ["00:00:25", "12:00:00"], ids=["awake", "asleep"])
def test_midnight_on_an_open_page(shared: Any, host: Any, opened: Any, hours: str) -> None:
    """A page that is open past midnight, or asleep, marks its figures before new ones come."""
    page = opened("about:blank")
    todays(page, "2026-08-21")
    page.add_init_script("Math.random = () => 0.9")  # asks 18 seconds later
    page.clock.install(time="2026-08-21T23:59:40+05:00")
    page.goto(host.put(script(shared.url) + '<kzt-rate data-date="2026-08-20">462,22 ₸</kzt-rate>'))
    page.wait_for_function("!!customElements.get('kzt-rate')")
    page.clock.run_for(100)
    loaded(page, "kzt-rate")
    todays(page, "2026-08-22", value="460")
    page.clock.fast_forward(hours)
    assert shown(page, "kzt-rate") == f"470,50 ₸ · {NOTE.format('21.08.2026')}"
    page.clock.run_for(18_000)  # the answer of before midnight is less than a minute old
    page.wait_for_selector('kzt-rate[data-date="2026-08-22"]:not([data-stale])')
    assert shown(page, "kzt-rate") == "460,00 ₸"


@pytest.mark.parametrize("tag", ["kzt-ticker", "kzt-rate", "kzt-converter"])
def test_midnight_outside_of_the_page(shared: Any, host: Any, opened: Any, tag: str) -> None:
    """So is an element that was out of the page at midnight, and is put into it again."""
    page = opened(host.put(f"{script(shared.url)}<{tag}>…</{tag}>"))
    loaded(page, tag)
    page.evaluate(f"window.kept = document.querySelector('{tag}'); kept.remove()")
    page.route("**/embed/rates.json", lambda _: None)
    page.clock.set_fixed_time("2026-08-22T09:00+05:00")
    note = page.evaluate(
        "document.body.append(kept), kept.shadowRoot.querySelector('[part=note]').textContent"
    )
    assert note == NOTE.format("21.08.2026")
    assert page.locator(tag).get_attribute("data-stale") == ""


def test_figures_never_go_back(shared: Any, host: Any, opened: Any) -> None:
    """An older answer than the figures shown, such as a cache's, takes nothing away from them."""
    page = opened(host.put(script(shared.url) + '<kzt-ticker codes="USD">…</kzt-ticker>'))
    loaded(page)
    todays(page, "2026-08-20", value="462.22")
    look_again(page, "2026-08-21", 21)
    assert shown(page) == f"{USD.format('21.08.2026', '458.23')} · {NOTE.format('21.08.2026')}"
    assert page.locator("kzt-ticker").get_attribute("data-error").startswith("older than shown")
    todays(page, "2026-08-21", value="458.23")
    look_again(page, "2026-08-21", 22)
    assert shown(page) == USD.format("21.08.2026", "458.23")


def test_a_draft_never_follows_the_final_figure(shared: Any, host: Any, opened: Any) -> None:
    """A provisional figure of the day is not shown once the final one was."""
    page = opened(host.put(script(shared.url) + '<kzt-ticker codes="USD">…</kzt-ticker>'))
    loaded(page)
    todays(page, "2026-08-21", value="460", provisional=True)
    look_again(page, "2026-08-21", 21)
    assert shown(page).startswith(USD.format("21.08.2026", "458.23"))
    todays(page, "2026-08-21", value="459")  # but a correction is
    look_again(page, "2026-08-21", 22)
    assert shown(page) == USD.format("21.08.2026", "459.00")


def test_own_text_is_newer_than_the_service(shared: Any, host: Any, opened: Any) -> None:
    """The page's own text stays where the service has but older figures."""
    page = opened("about:blank")
    todays(page, "2026-08-20", value="462.22")
    text = USD.format("21.08.2026", "458.23")
    body = f'<kzt-ticker codes="USD" data-date="2026-08-21">{text}</kzt-ticker>'
    page.goto(host.put(script(shared.url) + body))
    failed(page)
    assert shown(page) == f"{text} · {NOTE.format('21.08.2026')}"
    # a day to come is a slip of the page, which keeps nothing back
    page.goto(host.put(script(shared.url) + body.replace("2026-08-21", "2062-08-21")))
    page.wait_for_selector('kzt-ticker[data-date="2026-08-20"]')
    assert shown(page) == f"{USD.format('20.08.2026', '462.22')} · {NOTE.format('20.08.2026')}"


def test_figures_of_a_day_to_come(shared: Any, host: Any, opened: Any) -> None:
    """Where the newest figures are tomorrow's by the reader's clock, a lone rate says so."""
    page = opened("about:blank")
    todays(page, "2026-08-22")
    page.goto(host.put(script(shared.url) + "<kzt-rate>…</kzt-rate>"))
    page.wait_for_selector("kzt-rate[data-date]")
    assert shown(page, "kzt-rate") == "470,50 ₸ · по курсу на 22.08.2026"


def test_text_that_the_page_sets_anew(shared: Any, host: Any, opened: Any) -> None:
    """Text that a framework puts into an element is shown until the next rates."""
    page = opened(host.put(script(shared.url) + TICKER))
    loaded(page)
    page.evaluate("document.querySelector('kzt-ticker').textContent = 'Другой текст'")
    assert page.locator("kzt-ticker").bounding_box()["width"] > 0
    inner = page.evaluate(
        "document.querySelector('kzt-ticker').shadowRoot.querySelector('slot:not([name])')"
        ".assignedNodes().map(node => node.textContent).join()"
    )
    assert inner == "Другой текст"

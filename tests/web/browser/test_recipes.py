"""The how-to, tried from the page alone: its blocks of HTML on a page of somebody else."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs/how-to/rates-on-a-web-page.md"
BLOCKS = re.findall(r"^```html\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
STYLES = re.findall(r"^```css\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
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


def test_pictures(shared: Any, host: Any, opened: Any) -> None:
    """The pictures are drawn in a page."""
    (images,) = [one for one in BLOCKS if "<img" in one]
    page = opened(host.put(images.replace("https://rates.example.kz", shared.url)))
    widths = page.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) == 2
    assert all(widths)

"""The pictures of `tree` in a real Chromium: they show what they should, run nothing and fetch nothing."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from crawler.pictures import page, svg
from tests.pictures.test_formats import hostile_trees, many, small
from tests.support.chromium import find

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # No sandbox: root has none, and nothing but files that these tests make is opened.
        yield playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage"])


class Watched:
    """A window, and whatever ran, was refused or was fetched in it."""

    def __init__(self, browser: Browser, file: Path, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": 1000, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.fetched: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.page.add_init_script(
            "window.refused = [];"
            "document.addEventListener('securitypolicyviolation', e => window.refused.push(e.violatedDirective))"
        )
        self.page.goto(file.as_uri())

    @property
    def refused(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.refused")
        return found


# Reports whatever a picture would run or fetch in a page that allows neither.
STRICT = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>x</title>"
)


def test_pictures_run_nothing_and_fetch_nothing_whatever_the_names_are(browser: Browser, tmp_path: Path) -> None:
    for number, tree in enumerate((small(), many(3, 50), *hostile_trees())):
        drawing = svg.drawing(tree)
        files = {
            f"{number}.svg": drawing,
            f"{number}-within.html": STRICT + drawing,
            f"{number}.html": page.page(tree),
        }
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
            window = Watched(browser, tmp_path / name)
            assert (window.said, window.refused, window.fetched) == ([], [], [(tmp_path / name).as_uri()])
            assert window.page.evaluate("document.scripts ? document.scripts.length : 0") == 0
            assert window.page.locator("text").count() > 5
            window.page.context.close()


def test_the_style_of_a_page_passes_its_own_policy_and_follows_the_scheme(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page.page(small()), encoding="utf-8")
    papers = set()
    for scheme in ("light", "dark"):
        window = Watched(browser, tmp_path / "page.html", scheme)
        assert (window.said, window.refused) == ([], [])
        papers.add(window.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert papers == {"rgb(255, 255, 255)", "rgb(21, 24, 28)"}


def test_a_group_unfolds_by_keyboard_and_shows_its_members(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page.page(many(2, 50)), encoding="utf-8")
    window = Watched(browser, tmp_path / "page.html").page
    member = window.locator("details").first.locator("svg[role=list] tspan.name").first
    assert not member.is_visible()
    before = window.locator("body").bounding_box()
    window.locator("summary").first.focus()
    window.keyboard.press("Enter")
    assert member.is_visible()
    after = window.locator("body").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] == before["height"] + 50 * 19


def test_no_text_of_a_row_covers_another(browser: Browser, tmp_path: Path) -> None:
    for number, tree in enumerate((small(), many(3, 50), *hostile_trees())):
        file = tmp_path / f"{number}.html"
        file.write_text(STRICT + svg.drawing(tree, rows=None), encoding="utf-8")
        rows = Watched(browser, file).page.evaluate(
            "[...document.querySelectorAll('g')].filter(g => g.querySelector(':scope > title'))"
            ".map(g => [...g.querySelectorAll(':scope > text')].map(t => t.getBBox()).map(b => [b.x, b.x + b.width]))"
        )
        assert rows
        for spans in map(sorted, rows):
            assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans)), spans

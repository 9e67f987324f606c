"""The page of a dossier in a real Chromium: with and without its script, on paper, and as a screen reader meets it.

BROWSER_PICTURES=FOLDER writes the pictures of docs/rights-requests.md into a folder: see make pictures.
"""

import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler.dossier import html
from tests.dossier.test_page import hostile, naming, small
from tests.support import reports
from tests.support.chromium import find
from tests.support.families import family
from tests.support.neo4j_browser import SMALL
from tests.support.output import say
from tests.support.program import Program
from tests.support.report_pictures import PARTS, take

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # No sandbox: root has none, and nothing but files that these tests make is opened.
        yield playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def opened(browser: Browser, file: Path, **context: Any) -> Page:
    page = browser.new_context(viewport={"width": 1000, "height": 800}, **context).new_page()
    page.set_default_timeout(60_000)
    page.goto(file.as_uri())
    return page


def test_hostile_names_run_nothing_fetch_nothing_and_stay_within_the_page(browser: Browser, file: Path) -> None:
    relatives = hostile()
    write(file, "".join(html.page(reports.report(relatives), relatives)))
    page = browser.new_context(viewport={"width": 1000, "height": 800}).new_page()
    said: list[str] = []
    fetched: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: fetched.append(request.url))
    page.add_init_script(
        "window.refused = [];"
        "document.addEventListener('securitypolicyviolation', e => window.refused.push(e.violatedDirective))"
    )
    page.goto(file.as_uri())
    assert (said, page.evaluate("window.refused"), fetched) == ([], [], [file.as_uri()])
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("img, iframe, object, embed").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_screen_reader_and_a_keyboard_find_no_serious_obstacle(
    browser: Browser, file: Path, language: str, scheme: str
) -> None:
    for text in (small(language), "".join(html.page(naming(), None, language))):
        # Axe is a script of the test's, which the policy of the page would refuse.
        page = opened(browser, write(file, text), color_scheme=scheme, bypass_csp=True)
        found = Axe().run(page).response["violations"]
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []


def test_the_page_tells_the_same_without_its_script(browser: Browser, file: Path) -> None:
    write(file, small())
    plain = opened(browser, file, java_script_enabled=False)
    assert not plain.locator(".tools").is_visible()
    assert plain.get_by_role("row", name="j/deep-gguf").first.is_visible()
    scripted = opened(browser, file)
    assert scripted.locator(".tools").is_visible()
    assert scripted.locator("table").count() == plain.locator("table").count()


def test_a_search_shows_what_matches_and_counts_it(browser: Browser, file: Path) -> None:
    page = opened(browser, write(file, small()))
    rows = page.locator(".relatives tbody tr:not(.way)")
    assert page.locator("#found").text_content() == f"{rows.count()} rows"
    page.get_by_label("Search in all lists").fill("GGUF")
    page.get_by_text(f"2 of {rows.count()} rows match").wait_for()
    assert rows.locator("visible=true").count() == 2
    assert page.locator(".relatives .way:visible").count() == 2


def test_a_list_is_sorted_by_keyboard_and_says_so(browser: Browser, file: Path) -> None:
    members = [reports.member("a/base"), *(reports.member(f"m/{n}", downloads=n * 7 % 10 * 1_000) for n in range(10))]
    relatives = family("A/BASE", members, [reports.link(f"m/{n}", "a/base") for n in range(10)])
    page = opened(browser, write(file, "".join(html.page(reports.report(relatives), relatives))))
    head = page.locator("#open-retrained ~ table th", has_text="Downloads").first
    for order in ("ascending", "descending"):
        head.locator("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == order
        shown = page.locator("#open-retrained ~ table tbody tr:not(.way) td:nth-child(4)").all_text_contents()
        numbers = [int(text.replace(",", "")) for text in shown]
        assert numbers == sorted(numbers, reverse=order == "descending")
        assert len(numbers) == 10


def test_lists_fold_and_unfold(browser: Browser, file: Path) -> None:
    page = opened(browser, write(file, small()))
    row = page.locator(".relatives tbody tr:not(.way)").first
    page.get_by_role("button", name="Fold all").click()
    assert not row.is_visible()
    page.get_by_role("button", name="Unfold all").click()
    assert row.is_visible()


def test_the_first_key_leads_to_the_link_that_skips_to_the_content(browser: Browser, file: Path) -> None:
    page = opened(browser, write(file, small()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]  # it is visible while it has the focus
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_sheet_of_paper_is_as_wide_as_what_is_printed_on_it(browser: Browser, file: Path) -> None:
    page = opened(browser, write(file, small("fr")))
    page.emulate_media(media="print")
    assert not page.locator(".tools").is_visible()
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_of_the_picture_covers_another(browser: Browser, file: Path, language: str) -> None:
    page = opened(browser, write(file, small(language)))
    rows = page.evaluate(
        "[...document.querySelectorAll('.family-tree g')].filter(g => g.querySelector(':scope > title'))"
        ".map(g => [...g.querySelectorAll(':scope > text')].map(t => t.getBBox()).map(b => [b.x, b.x + b.width]))"
    )
    assert len(rows) == 11
    for spans in map(sorted, rows):
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), spans


def test_a_family_of_30_000_is_opened_and_searched(
    browser: Browser, file: Path, request: pytest.FixtureRequest
) -> None:
    relatives = reports.large(30_000)
    write(file, "".join(html.page(reports.report(relatives), relatives)))
    page = browser.new_context(viewport={"width": 1000, "height": 800}).new_page()
    page.set_default_timeout(60_000)
    watch = page.context.new_cdp_session(page)
    # Of the page's own thread: how busy the machine is beside it makes no difference.
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})
    start = time.monotonic()
    page.goto(file.as_uri())
    opened_in = time.monotonic() - start
    page.locator("#search").fill("7B-02999-")  # by its id: other ways of Playwright's look at every element
    expect(page.locator("#found")).to_have_text("1 of 30,000 rows match", timeout=60_000)
    passed = time.monotonic() - start
    assert page.evaluate("document.querySelectorAll('.relatives tbody:not([hidden]) tr:not([hidden])').length") == 2
    metrics = {one["name"]: one["value"] for one in watch.send("Performance.getMetrics")["metrics"]}
    worked = metrics["TaskDuration"]
    say(
        request.config,
        f"{file.stat().st_size:,} bytes: opened in {opened_in:.1f} s, searched {passed - opened_in:.1f} s later; "
        f"the page worked for {worked:.1f} s",
    )
    assert 0.1 < worked < 30  # about 2 s: what is caught is work that grows with the square of the rows


def test_a_large_page_is_folded_until_somebody_searches(
    browser: Browser, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "FULL", 2)
    page = opened(browser, write(file, small()))
    row = page.locator(".relatives tbody tr:not(.way)", has_text="j/deep-gguf").first
    assert not row.is_visible()
    assert page.locator(".contacts tbody tr").first.is_visible()
    page.locator("#search").fill("deep")
    expect(row).to_be_visible()
    page.locator("#search").fill("")
    expect(row).not_to_be_visible()
    page.get_by_role("button", name="Unfold all").click()
    assert row.is_visible()
    plain = opened(browser, file, java_script_enabled=False)
    assert plain.locator(".relatives tbody tr:not(.way)", has_text="j/deep-gguf").first.is_visible()


@pytest.mark.parametrize(
    ("name", "model", "parts"),
    [
        ("report", "mistralai/Mistral-7B-v0.1", tuple(PARTS)),
        ("gated", "black-forest-labs/FLUX.1-dev", ("summary", "family")),
    ],
)
def test_the_pictures_of_the_guide_show_dossiers_of_the_sample(
    browser: Browser, program: Program, file: Path, tmp_path: Path, *, name: str, model: str, parts: tuple[str, ...]
) -> None:
    program.crawl()
    assert program.run("report", model, "--to", str(file)).code == 0
    folder = Path(os.environ.get("BROWSER_PICTURES", tmp_path))
    take(browser, file, name, folder, parts)
    sizes = {part: (folder / f"{name}-{part}.png").stat().st_size for part in parts}
    assert {part for part, size in sizes.items() if not 10_000 < size < SMALL} == set()

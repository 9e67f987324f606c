"""Pictures of the page of a dossier: `python -m tests.support.report_pictures PAGE NAME` writes docs/pictures/NAME-….png."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.chromium import find

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
# The element that a picture begins with. What is below the height is left out.
PARTS = {
    "summary": "header",
    "contacts": "section:has(> #contacts)",
    "family": "figure",
    "descendants": "section:has(> #descendants)",
}
WIDTH, HEIGHT = 900, 620


def take(browser: Browser, file: Path, name: str, folder: Path = FOLDER, parts: tuple[str, ...] = tuple(PARTS)) -> None:
    """Take a picture of each of these parts."""
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
    page.goto(file.as_uri())
    for part in parts:
        # What sticks to the top would cover what is there.
        page.evaluate(
            "selector => { document.querySelector('.tools').style.position = 'static';"
            "document.querySelector(selector).scrollIntoView() }",
            PARTS[part],
        )
        box = page.locator(PARTS[part]).first.bounding_box()
        assert box is not None
        height = HEIGHT if part == "summary" else min(box["height"], HEIGHT)
        top = max(box["y"], 0)
        page.screenshot(
            path=folder / f"{name}-{part}.png",
            clip={"x": 0, "y": top, "width": WIDTH, "height": min(height, HEIGHT - top)},
        )
    page.context.close()


def main() -> None:
    file, name, *parts = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        take(browser, Path(file).resolve(), name, parts=tuple(parts or PARTS))


if __name__ == "__main__":
    main()

"""Neo4j Browser 5, as its users handle it: in a real Chromium, by what they see and click."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from crawler.graph.connection import Connection
from tests.support.chromium import find

SIZE: ViewportSize = {"width": 1280, "height": 800}
PATIENCE = 60_000  # milliseconds, on a busy machine
SMALL = 200_000  # bytes of a picture
expect.set_options(timeout=PATIENCE)

_DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0))
  const files = new DataTransfer()
  files.items.add(new File([bytes], name))
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.querySelector('.filedrop').dispatchEvent(
      new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }))
}"""


@contextmanager
def opened(address: str) -> Iterator["Window"]:
    """A window at an address, in a browser without a past."""
    with sync_playwright() as playwright:
        # No sandbox: root has none, and nothing but the local server's own pages is opened.
        browser = playwright.chromium.launch(
            executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]
        )
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(PATIENCE)
        window = Window(page)
        page.goto(address)
        yield window
        browser.close()


class Window:
    """One window with Neo4j Browser in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.elsewhere: list[str] = []
        """Whatever was fetched from another machine."""
        page.on("requestfinished", lambda request: self._note(request.url))

    def _note(self, address: str) -> None:
        if not address.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.elsewhere.append(address)

    def connect(self, connection: Connection) -> None:
        """Fill in the form that Browser opens with."""
        scheme, _, address = connection.uri.partition("://")
        self.page.get_by_test_id("bolt-scheme-select").select_option(f"{scheme}://")
        self.page.get_by_test_id("boltaddress").fill(address)
        self.page.get_by_test_id("username").fill(connection.username)
        self.page.get_by_test_id("password").fill(connection.password)
        self.page.get_by_test_id("connect").click()
        expect(self.page.get_by_text("You are connected as user")).to_be_visible()

    def drop(self, file: Path) -> None:
        """Drop a file onto the window."""
        self.page.evaluate(_DROP, [file.name, base64.b64encode(file.read_bytes()).decode()])

    def open_favourites(self) -> None:
        self.page.locator("button[name=Favorites]").click()

    @property
    def folders(self) -> list[str]:
        """The folders of the user's favourites."""
        found = self.page.locator("[data-testid^=savedScriptsFolder-]")
        names = [folder.get_attribute("data-testid") or "" for folder in found.all()]
        return [name.removeprefix("savedScriptsFolder-") for name in names]

    def unfold(self, folder: str) -> None:
        self.page.get_by_test_id(f"expandFolder-{folder}").click()

    def titles(self, folder: str) -> list[str]:
        """The favourites in a folder that is unfolded."""
        found = self.page.get_by_test_id(f"savedScriptsFolder-{folder}").locator("[data-testid^=scriptTitle-]")
        return [title.inner_text() for title in found.all()]

    def choose(self, title: str) -> None:
        """Click a favourite: its text goes into the editor."""
        self.page.get_by_test_id(f"scriptTitle-{title}").click()

    @property
    def editor(self) -> Locator:
        return self.page.get_by_test_id("activeEditor")

    def write(self, text: str) -> None:
        """Write a text into the editor, in place of what is there."""
        self.editor.locator(".view-lines").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def run(self) -> Locator:
        """Run what is in the editor; returns the frame with the answer."""
        # Not by their number: Browser keeps the last 15.
        self.page.evaluate("() => document.querySelectorAll('[data-testid=frame]').forEach(e => e.dataset.old = '')")
        self.page.get_by_test_id("editor-Run").click()
        expect(self.page.locator("[data-testid=frame]:not([data-old])")).to_have_count(1)
        return self.page.get_by_test_id("frame").first

    def picture(self, file: Path) -> None:
        """A picture of the window."""
        self.page.mouse.move(SIZE["width"] - 1, SIZE["height"] - 1)
        self.page.screenshot(path=file)
        size = file.stat().st_size
        assert size < SMALL, f"{file.name} is too big for the documentation: {size} bytes"

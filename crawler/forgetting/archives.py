"""Archives without the names of forgotten owners: their pages, the index of these, and the answers to questions."""

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crawler import findings, manifests
from crawler.files import is_there, line_of, open_regular, read_lines, replacing, writing
from crawler.forgetting.settle import new_of, place, settle
from crawler.hub.archive import Archive, extent_of, pack
from crawler.manifests import Extent
from crawler.records.forgetting import Forgotten
from crawler.snapshot.rows import remove_rows


@dataclass(frozen=True)
class Archives:
    """What replaces names in archives: the forgotten owners, and the name where it is known, which makes the search fast."""

    forgotten: Forgotten
    name: str | None

    def mentions(self, archive: Archive) -> bool:
        """Whether an archive has a name in it."""
        answers = any(self._answer(line) != line for line in _lines(archive.answers_file))
        imported = findings.mentions(archive.folder / findings.FOLDER, self.forgotten.value)
        return answers or imported or any(self._page(archive.read(page)) is not None for page in archive.pages())

    def rewrite(self, archive: Archive) -> bool:
        """Rewrite an archive; say whether anything changed. Raises DamagedArchiveError."""
        walk = archive.walk
        for file, extent in ((archive.index_file, walk and walk.pages), (archive.answers_file, walk and walk.answers)):
            settle(file, _extends(extent or None))
        archive.details()  # a check, too
        listed = archive.pages()
        for page in listed:
            settle(archive.page_file(page.number), _unpacks_to(page.sha256))
        pages, index = [], _lines(archive.index_file)
        for page, line in zip(listed, index, strict=True):
            body = self._page(archive.read(page))
            if body is not None:
                file = archive.page_file(page.number)
                with writing(f"the archive {archive.folder}"), replacing(new_of(file), mode=0o600) as packed:
                    pack(body, packed)
                line |= {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
                pages.append(file)
        answers = _lines(archive.answers_file)
        told = [self._answer(line) for line in answers]
        imported = findings.rewrite(archive.folder / findings.FOLDER, self.forgotten.value)
        if not pages and told == answers:
            return imported
        lists = {archive.index_file: index} if pages else {}
        lists |= {archive.answers_file: told} if told != answers else {}
        with writing(f"the archive {archive.folder}"):
            remove_rows(archive)  # they are made again where they are needed
            for file, lines in lists.items():
                _write(new_of(file), lines)
            if walk is not None:
                of_index = extent_of(new_of(archive.index_file)) if pages and walk.pages else walk.pages
                of_answers = (
                    extent_of(new_of(archive.answers_file)) if told != answers and walk.answers else walk.answers
                )
                manifests.write(archive.folder / "walk.json", replace(walk, pages=of_index, answers=of_answers))
            place(lists)
            place(pages)
        return True

    def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        fields = ("key", "name", "detail", "weights", "said")
        named = {name: self.forgotten.value(line[name]) for name in fields if name in line}
        return line | named

    def _page(self, body: bytes) -> bytes | None:
        """The page without names; None where it has none."""
        if self.name is not None and self.name.lower().encode() not in body.lower():
            return None
        new = self.forgotten.page(body)
        return new if new != body else None


def _lines(file: Path) -> list[dict[str, Any]]:
    return read_lines(file) if is_there(file) else []


def _write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with replacing(file, mode=0o600) as out:
        out.writelines(map(line_of, lines))


def _extends(extent: Extent | None) -> Callable[[Path], bool]:
    return lambda file: extent is not None and extent == extent_of(file, extent.bytes)


def _unpacks_to(sha256: str) -> Callable[[Path], bool]:
    def is_it(file: Path) -> bool:
        try:
            with open_regular(file) as packed, gzip.GzipFile(fileobj=packed) as body:
                return hashlib.file_digest(body, "sha256").hexdigest() == sha256
        except (OSError, EOFError):
            return False

    return is_it

"""Thousands of damaged and forged state folders, each read by everything that reads one.

`make fuzz` runs 10,000 damaged states and 10,000 damaged archives; other runs take FUZZ_CASES (200) of each, and a fifth as
many of the other kinds. A case that fails is run alone with its number: `FUZZ_FIRST=4711 FUZZ_CASES=1`.
"""

import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from crawler.errors import HubGenealogyError
from tests.support.damage import Case, damage, forge, signature
from tests.support.strangers import forget_everything
from tests.support.two_crawls import Readers, small, two_crawls

CASES = int(os.environ.get("FUZZ_CASES", "200"))
FEWER = max(CASES // 5, 1)
FIRST = int(os.environ.get("FUZZ_FIRST", "0"))
SECONDS_A_CASE = 60
# More are not worth reading.
FAILURES = 10


class Watch:
    """Notes what this process changes outside of the folders that it may write in."""

    def __init__(self) -> None:
        self.places: tuple[str, ...] | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    @contextmanager
    def on(self, *places: Path) -> Iterator[list[str]]:
        self.places, self.seen = (*map(str, places), "/dev/null", "/proc/self/"), []
        try:
            yield self.seen
        finally:
            self.places = None

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.places is None:
            return
        if event == "open":
            path, _mode, flags = arguments
            if not isinstance(path, str | bytes) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                return
        elif event in {
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.chmod",
            "os.chown",
            "os.symlink",
            "os.truncate",
        }:
            path = arguments[event == "os.symlink"]  # what it leads to is not touched
        elif event in {"subprocess.Popen", "os.system", "os.exec", "socket.connect"}:
            self.seen.append(f"{event} {arguments!r:.200}")
            return
        else:
            return
        # What is relative is so to the folder that `replacing` holds open, or to the working folder, which is looked at.
        if (
            isinstance(path, str | bytes)
            and os.fsdecode(path).startswith("/")
            and not os.fsdecode(path).startswith(self.places)
        ):
            self.seen.append(f"{event} {os.fsdecode(path)}")


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


class Fuzz:
    """A state folder of two crawls that is changed, read and mended, again and again."""

    def __init__(self, folder: Path, records: list[dict[str, Any]], watch: Watch) -> None:
        self.watch = watch
        self.home, self.whole, self.scratch, self.outside = (
            folder / name for name in ("state", "whole", "scratch", "outside")
        )
        self.outside.mkdir()
        (self.outside / "secret").write_text('{"secret": 1}', encoding="utf-8")
        self.settings = two_crawls(self.home, small(records))

    def begin(self) -> None:
        """Take the state folder as it is for the right one."""
        shutil.rmtree(self.whole, ignore_errors=True)
        shutil.copytree(self.home, self.whole)
        self.readers = Readers(self.home, self.settings, self.scratch)
        self.files = sorted(path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        self.right = {name: self._fresh(read) for name, (read, _folders) in self.readers.all.items()}
        self.outcomes: Counter[str] = Counter()

    def run(self, change: Callable[..., Case], cases: int, *, faithful: bool) -> list[str]:
        """What goes wrong in so many cases. `faithful`: an answer is the right one, or none."""
        failures: list[str] = []
        for number in range(FIRST, FIRST + cases):
            rng = random.Random(f"{change.__name__} {faithful} {number}")
            case = change(rng, self.home, self._some(rng))
            failures += [
                f"case {number}, {case.file}, {case.what}: {said}" for said in self._read(case, faithful=faithful)
            ]
            self._mend(case.file)
            if len(failures) >= FAILURES:
                break
        print(f"{change.__name__}, {cases} cases: {dict(self.outcomes)}")
        return failures

    def _some(self, rng: random.Random) -> list[Path]:
        """Files of one kind: the few of JSON come up as often as the many tables."""
        chosen = rng.choice(sorted({file.suffix for file in self.files if file.suffix}))
        return [file for file in self.files if file.suffix == chosen]

    def _read(self, case: Case, *, faithful: bool) -> Iterator[str]:
        before, outside = signature(self.home), signature(self.outside)
        with self.watch.on(self.scratch, self.home) as seen:
            for name, (read, folders) in self.readers.all.items():
                if not any(case.file.as_posix().startswith(folder) for folder in folders):
                    continue  # a pure function of files that are as they were
                try:
                    answer = self._fresh(read)
                except HubGenealogyError as error:
                    self.outcomes["refused"] += 1
                    if "\n" in str(error) or not str(error):
                        yield f"{name}: not one line: {error}"
                except BaseException as error:  # noqa: BLE001  # that there is none is what is tested
                    yield f"{name}: {type(error).__name__}: {error!s:.300}"
                else:
                    same = answer == self.right[name] or self._goes_on(name, answer, case)
                    self.outcomes["right" if same else "other"] += 1
                    if faithful and not same:
                        yield f"{name}: another answer: {answer!r:.300}"
        yield from seen
        if signature(self.home) != before:
            yield "a reader wrote into the state folder"
        if signature(self.outside) != outside:
            yield "something outside the state folder changed"

    def _goes_on(self, name: str, answer: Any, case: Case) -> bool:
        """Whether the answer is that of a run that was killed earlier: the next one does again what is missing."""
        right, readers = self.right[name], self.readers
        unfinished = case.file.is_relative_to(Path("archive", readers.third))
        if name == "resume" and case.file.name == "pages.jsonl":
            pages = answer[1]
            before = right[1][: len(pages)]
            return bool(pages == before and (not pages or answer[0] == pages[-1].next))
        if name == "status" and unfinished:
            return bool(answer[:-1] == right[:-1])
        if name == "status" and case.file.name == "lock":
            return bool(answer[0] is None and answer[1:] == right[1:])
        gone = case.file.name == "run.json" and not (self.home / "run.json").exists()
        if name == "status":
            return gone and [part for part in answer if part is not None] == [
                part for number, part in enumerate(right) if number != 1
            ]
        return name == "doctor" and gone and set(answer) < set(right)

    def _fresh(self, read: Callable[[], Any]) -> Any:
        """An answer, in good time, with an empty folder for what it writes."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        signal.alarm(SECONDS_A_CASE)
        try:
            return read()
        finally:
            signal.alarm(0)

    def _mend(self, file: Path) -> None:
        """Bring the file back, and whatever else was changed with it."""
        for path in (self.home / file, *(self.home / file).parent.glob("*.json")):
            whole = self.whole / path.relative_to(self.home)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif os.path.lexists(path):
                path.unlink()
            shutil.copy2(whole, path)


def _too_long(_number: int, _frame: object) -> None:
    raise TimeoutError("it hangs")


@pytest.fixture(scope="module")
def fuzz(sample: list[dict[str, Any]], watch: Watch) -> Iterator[Fuzz]:
    kept = signal.signal(signal.SIGALRM, _too_long)
    with TemporaryDirectory() as folder:
        yield Fuzz(Path(folder).resolve(), sample, watch)
    signal.signal(signal.SIGALRM, kept)


def archives(rng: random.Random, home: Path, files: list[Path]) -> Case:
    """Damage in an archive."""
    return damage(rng, home, [file for file in files if file.parts[0] == "archive"] or [_page(rng, home)])


def _page(rng: random.Random, home: Path) -> Path:
    return rng.choice(sorted(path.relative_to(home) for path in home.glob("archive/*/pages/*")))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("change", [damage, archives])
def test_a_damaged_state_gives_the_right_answer_or_one_line(fuzz: Fuzz, change: Callable[..., Case]) -> None:
    fuzz.begin()
    assert fuzz.run(change, CASES, faithful=True) == []
    assert set(fuzz.outcomes) <= {"refused", "right"}


@pytest.mark.timeout(0)
def test_a_forged_state_causes_no_traceback_and_reaches_nothing_outside(fuzz: Fuzz) -> None:
    fuzz.begin()
    assert fuzz.run(forge, FEWER, faithful=False) == []


@pytest.mark.timeout(0)
def test_a_damaged_state_of_an_earlier_version_causes_no_traceback(fuzz: Fuzz) -> None:
    forget_everything(fuzz.home)
    fuzz.begin()
    assert fuzz.run(damage, FEWER, faithful=False) == []

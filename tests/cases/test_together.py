"""The register in the hands of several processes, and of processes that are killed."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crawler.cases import store
from crawler.errors import TryLaterError
from tests.cases.conftest import MODELS, Opened, request
from tests.support.program import CHECKOUT


def only(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()}


def process(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Run `code` in a process of its own, with what the tests have at hand."""
    beginning = (
        "import os, sys, time\nfrom pathlib import Path\nfrom crawler.cases import store\n"
        "from crawler.cases.register import opened\nfrom tests.cases.conftest import ACTING, MODELS, request\n"
        "home = Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", beginning + code, *arguments], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_that_upgrade_at_once_do_it_once(home: Path, cases: Opened) -> None:
    with cases():
        pass
    code = (
        "from crawler.cases import schema\n"
        "schema.MIGRATIONS += (('CREATE TABLE more (x)',),)\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "with opened(home, ACTING) as found: print(len(found.cases()))\n"
    )
    start = str(time.time() + 1)
    both = [process(code, str(home), start) for _ in range(2)]
    assert [(p.communicate(timeout=30)[0], p.returncode) for p in both] == [("0\n", 0)] * 2


def test_two_processes_at_once_lose_nothing(home: Path, cases: Opened) -> None:
    code = (
        "time.sleep(max(0, float(sys.argv[3]) - time.time()))\n"
        "for n in range(15):\n"
        "    with opened(home, ACTING, make=True) as found:\n"
        "        case = found.open(request(f'{sys.argv[2]}-{n}'), MODELS)\n"
        "        found.note(case.id, 'more')\n"
    )
    start = str(time.time() + 1)
    both = [process(code, str(home), name, start) for name in ("one", "other")]
    assert [p.wait(60) for p in both] == [0, 0]
    for p in both:
        p.communicate()
    with cases() as found:
        every = found.cases()
        assert {case.reference for case in every} == {f"{name}-{n}" for name in ("one", "other") for n in range(15)}
        assert {case.id for case in every} == set(range(1, 31))
        assert [[event.kind for event in found.events(case.id)] for case in every] == [["opened", "noted"]] * 30
    assert only(home) == {"cases.sqlite"}


def test_two_cases_of_one_reference_at_once_are_one_case_and_one_refusal(home: Path) -> None:
    code = (
        "from crawler.errors import HubGenealogyError\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "with opened(home, ACTING, make=True) as found:\n"
        "    try: print(found.open(request(), MODELS).id)\n"
        "    except HubGenealogyError as error: print(str(error)[:18])\n"
    )
    start = str(time.time() + 1)
    both = [process(code, str(home), start) for _ in range(2)]
    assert {p.communicate(timeout=30)[0] for p in both} == {"1\n", "case 1 has the ref\n"}


def test_a_process_that_is_killed_within_a_transaction_leaves_nothing_of_it(home: Path, cases: Opened) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    code = (
        "with store.opened(home) as connection:\n"
        "    connection.execute('PRAGMA cache_size=1')\n"  # what is changed reaches the file before the end
        "    connection.execute('BEGIN IMMEDIATE')\n"
        "    connection.execute(\"UPDATE members SET state = 'refused', note = hex(zeroblob(200000))\")\n"
        "    connection.execute(\"UPDATE cases SET state = 'closed'\")\n"
        "    print('written', flush=True)\n"
        "    time.sleep(60)\n"
    )
    before = store.path_of(home).read_bytes()
    killed = process(code, str(home))
    assert killed.stdout is not None
    assert killed.stdout.readline() == "written\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert only(home) == {"cases.sqlite", "cases.sqlite-journal"}
    assert store.path_of(home).read_bytes() != before  # it had begun to write
    with cases() as found:
        assert {(m.state, m.note) for m in found.members(1)} == {("to_contact", None)}
        assert found.case(1).state == "open"
        found.note(1, "after it")
    assert only(home) == {"cases.sqlite"}


def test_a_kill_at_any_moment_leaves_each_change_whole_with_its_event(home: Path, cases: Opened) -> None:
    code = (
        "print('ready', flush=True)\n"
        "for n in range(10_000):\n"
        "    with opened(home, ACTING, make=True) as found: found.open(request(f'{sys.argv[2]}-{n}'), MODELS)\n"
    )
    for moment in (0.01, 0.033, 0.05, 0.071, 0.1):
        busy = process(code, str(home), str(moment))
        assert busy.stdout is not None
        assert busy.stdout.readline() == "ready\n"
        time.sleep(moment)
        busy.kill()
        busy.communicate()
        with cases() as found:
            every = found.cases()
            whole = {(len(found.members(case.id)), len(found.events(case.id))) for case in every}
        assert whole <= {(len(MODELS), 1)}
        assert [case.id for case in every] == list(range(1, len(every) + 1))
    assert every
    with closing(sqlite3.connect(store.path_of(home))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_register_that_another_process_keeps_busy_is_to_be_tried_later(
    home: Path, cases: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cases() as found:
        found.open(request(), MODELS)
    monkeypatch.setattr(store, "PATIENCE", 0.2)
    with closing(sqlite3.connect(store.path_of(home), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with cases() as found:
            assert found.case(1).state == "open"  # reading does not wait
        with pytest.raises(TryLaterError, match="another process has been writing"), cases() as found:
            found.note(1, "x")

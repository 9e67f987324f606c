"""`evidence import`, `list`, `show` and `remove`, with whole crawls: findings of others become links of their own source."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.graph.connection import Connection
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program, Result
from tests.support.small_hub import child, model

BASE = model(1, "maker/base")
LISTING = [BASE, child(2, "tuner/declared", BASE), model(3, "tuner/silent"), model(4, "quants/silent")]
CSV = 'child,parent,relation,source,note\ntuner/silent,maker/base,finetune,page 3,"seen,\nby eye"\nquants/silent,lost/base,,,\n'


@pytest.fixture
def program(tmp_path: Path, empty_graph: Connection) -> Iterator[Program]:
    with SimulatedHub(LISTING) as hub:
        yield Program(tmp_path / "home", empty_graph, {"HF_ENDPOINT": hub.url})


@pytest.fixture
def crawled(tmp_path: Path) -> Program:
    """A state folder after a crawl that never reached a graph: the commands of `evidence` need none."""
    with SimulatedHub(LISTING) as hub:
        program = Program(tmp_path / "home", None, {"HF_ENDPOINT": hub.url})
        (program.home / "changes").mkdir(parents=True)
        return program


def written(folder: Path, text: str, name: str = "found.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def done(result: Result) -> Result:
    assert result.code == 0, result.err
    return result


def links(program: Program) -> set[tuple[str, str, str, str]]:
    rows = done(program.run("query", "parents", "--model", "tuner/silent", "--format", "json")).json()
    return {(row["id"], row["relation"], row["certainty"], row["link_status"]) for row in rows}


def digest(program: Program) -> str:
    return done(program.run("graph", "hash")).out


def test_an_import_reaches_the_graph_with_the_next_crawl_and_leaves_it_with_the_next_after_its_removal(
    program: Program, tmp_path: Path
) -> None:
    program.crawl()
    said = done(program.run("evidence", "import", written(tmp_path, CSV), "--name", "audit-1"))
    assert "imported 2 findings as imported:audit-1; the next crawl takes it into the graph" in said.out
    assert "unknown among the parents: lost/base" in said.err
    assert "among the children" not in said.err
    assert stat.S_IMODE((program.home / "evidence" / "audit-1.json").stat().st_mode) == 0o600
    assert links(program) == set()

    program.crawl()
    assert links(program) == {("maker/base", "finetune", "imported", "current")}
    [row] = done(program.run("lineage", "tuner/silent", "--format", "json")).json()
    assert (row["parent"], row["source"], row["claimed"]) == ("maker/base", "imported:audit-1", "finetune")
    assert program.crawl()["rows_written"] == 0
    before = digest(program)
    done(program.run("rebuild"))
    assert digest(program) == before
    assert ("evidence for links", "imported:audit-1") in {
        (row["table"], row["figure"]) for row in done(program.run("figures", "--format", "json")).json()
    }

    said = done(program.run("evidence", "remove", "audit-1"))
    assert (
        "removed imported:audit-1 with 2 findings; the next crawl withdraws the links that no other source has"
        in said.out
    )
    summary = program.crawl()
    assert (summary["edges_withdrawn"], summary["warnings"], summary["exit_code"]) == (2, [], 0)
    assert links(program) == set()
    [row] = done(program.run("lineage", "tuner/silent", "--format", "json")).json()
    assert (row["parent"], row["link"], row["source"]) == ("maker/base", "withdrawn", "imported:audit-1")


def test_a_dry_run_counts_the_links_of_an_import(program: Program, tmp_path: Path) -> None:
    program.crawl()
    done(program.run("evidence", "import", written(tmp_path, CSV), "--name", "audit"))
    summary = done(program.run("crawl", "--dry-run", "--format", "json")).json()
    assert summary["edges_added"] == 2


def test_what_is_imported_is_read_back_whole(crawled: Program, tmp_path: Path) -> None:
    done(crawled.run("evidence", "import", written(tmp_path, CSV), "--name", "audit"))
    for kind in ("csv", "json"):
        shown = done(crawled.run("evidence", "show", "audit", "--format", kind)).out
        done(crawled.run("evidence", "import", written(tmp_path, shown, f"again.{kind}"), "--name", kind))
        assert done(crawled.run("evidence", "show", kind, "--format", "json")).json() == [
            {
                "child": "tuner/silent",
                "parent": "maker/base",
                "relation": "finetune",
                "source": "page 3",
                "note": "seen,\nby eye",
            },
            {"child": "quants/silent", "parent": "lost/base", "relation": None, "source": None, "note": None},
        ]


def test_an_import_takes_the_place_of_one_of_the_same_name_and_says_so(crawled: Program, tmp_path: Path) -> None:
    done(crawled.run("evidence", "import", written(tmp_path, CSV), "--name", "audit"))
    found = json.dumps([{"child": "a/b", "parent": "https://huggingface.co/c/d/tree/main"}])
    said = done(crawled.run("evidence", "import", written(tmp_path, found, "found.json"), "--name", "audit"))
    assert "imported 1 finding as imported:audit, in place of 2" in said.out
    listed = done(crawled.run("evidence", "list", "--format", "json")).json()
    assert [(row["name"], row["findings"]) for row in listed] == [("audit", 1)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks the column 'child'"),
        ("child,parent\n", "holds no finding"),
        (
            "child,parent,why\na/b,c/d,x\n",
            "has the column 'why'; the columns are child, parent, relation, source, note",
        ),
        ("child,parent,child\na/b,c/d,x\n", "has the column 'child' twice"),
        ("child,relation\na/b,merge\n", "lacks the column 'parent'"),
        ("child,parent\na/b,c/d\na/b\n", "row 2 has 1 cells, the header has 2"),
        ("child,parent\na/b,c/d\na/b,\n", "row 2: parent must be the name of one model, not ''"),
        ("child,parent\na/b,./checkpoint\n", "row 1: parent must be the name of one model"),
        ("child,parent\na/b c/d,e/f\n", "row 1: child must be the name of one model"),
        ("child,parent\na/b,A/B\n", "row 1: a/b is named as its own parent"),
        ("child,parent,relation\na/b,c/d,cousin\n", "row 1: the relation must be one of"),
        ("child,parent,note\na/b,c/d,\x1b[31m\n", "row 1: note has control characters"),
        (f"child,parent,note\na/b,c/d,{'x' * 2001}\n", "row 1: note has more than 2000 characters"),
        ('child,parent\n"a/b,c/d\n', "is no CSV"),
        ("[", "is no JSON"),
        ('{"child": "a/b"}', "must hold an array of objects"),
        ('[{"child": "a/b", "parent": "c/d"}, 3]', "row 2 is no object"),
        ('[{"child": "a/b", "parent": ["c/d"]}]', "row 1: parent is no text"),
        ('[{"child": "a/b", "parent": "c/d", "x": 1}]', "row 1 has the column 'x'"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_row_and_imports_nothing(
    crawled: Program, tmp_path: Path, text: str, why: str
) -> None:
    result = crawled.run("evidence", "import", written(tmp_path, text), "--name", "audit")
    assert (result.code, len(result.messages)) == (2, 1)
    assert why in result.messages[0]
    assert done(crawled.run("evidence", "list", "--format", "json")).json() == []


def test_a_name_that_is_none_or_unknown_is_refused(crawled: Program, tmp_path: Path) -> None:
    file = written(tmp_path, CSV)
    for name in ("../x", "A", "", "x" * 41):
        assert crawled.run("evidence", "import", file, "--name", name).code == 2
    done(crawled.run("evidence", "import", file, "--name", "audit"))
    for command in ("show", "remove"):
        result = crawled.run("evidence", command, "audi")
        assert (result.code, "there is no import 'audi'; nearest: audit; there are audit" in result.err) == (2, True)


def test_an_import_that_is_damaged_stops_the_crawl_with_the_way_out(program: Program, tmp_path: Path) -> None:
    program.crawl()
    done(program.run("evidence", "import", written(tmp_path, CSV), "--name", "audit"))
    file = program.home / "evidence" / "audit.json"
    file.write_text(file.read_text().replace("maker/base", "maker/other"))
    result = program.run("crawl")
    assert (result.code, "restore it from a backup" in result.err) == (1, True)
    assert "audit.json" in result.err

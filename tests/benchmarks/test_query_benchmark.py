"""The benchmark of the saved queries, at a tiny size: it finds what to ask, times it, and tells what is too slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import report, shapes, subjects
from benchmarks.graphs import Measured
from benchmarks.measure import Time, measure, profile, slowest
from benchmarks.subjects import Asking
from crawler.answers import library
from crawler.answers.library import SavedQuery
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, open_connection
from crawler.resources import shipped
from demo.simulated_hub import SimulatedHub
from tests.support.neo4j_for_tests import erase
from tests.support.program import Program

SHIPPED = library.load(shipped("queries"))
TINY = 0.002

NEVER = """\
// Never soon enough
//
// A query that no machine answers within its budget.
//
// @returns id string — a name
// @empty — there are no models
// @budget {budget} s
//
// :param {{}}

MATCH (m:Model)
RETURN m.id AS id
ORDER BY id;
"""


@pytest.fixture(scope="module")
def measured(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """The tiny graph of shapes, made as the large one is: by two crawls."""
    made = shapes.Shapes(TINY)
    with SimulatedHub(made.records()) as hub, open_connection(connection) as graph:
        erase(graph.driver, graph.database)
        settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE": "1"}
        program = Program(tmp_path_factory.mktemp("shapes"), connection, settings)
        program.crawl()
        hub.apply(made.changes())
        program.crawl()
        yield Measured("tiny", graph, shapes.NAMES)


def query(budget: str) -> SavedQuery:
    return library.parse(NEVER.format(budget=budget), Path("queries/tests/never.cypher"))


def test_the_made_hub_is_the_same_each_time_and_names_only_parents_it_means_to_lack() -> None:
    records = shapes.Shapes(TINY).records()
    assert records == shapes.Shapes(TINY).records()
    names = {record["id"] for record in records}
    assert set(shapes.NAMES.values()) <= names
    parents = {tag.split(":", 2)[2] for record in records for tag in record["tags"] if tag.count(":") == 2}
    assert {parent.partition("/")[0] for parent in parents - names} == {"nowhere"}
    made = shapes.Shapes(1)
    assert len(made.records()) > 65_000
    assert {change["op"] for change in made.changes()} == {"delete", "update"}


def test_the_subjects_are_the_hardest_models_of_the_graph(measured: Measured) -> None:
    found = subjects.find(measured)
    keys = {row["key"]: row["id"] for row in measured.graph.read("MATCH (m:Model) RETURN m.key AS key, m.id AS id")}
    heads = {label: keys[key] for label, (key, _) in found.models.items()}
    assert {name: heads[name] for name in ("ladder", "star", "cycle")} == {
        "ladder": "ladder/0-a",
        "star": "star/head",
        "cycle": "cycle/0",
    }
    assert {keys[key] for key in found.models["ladder"][1]} == {"ladder/40-a", "ladder/40-b"}
    assert len(set(heads.values())) == len(heads), "each model is asked about once"
    assert {"owner", "dataset", "license"} == set(found.others)


def test_every_shipped_query_is_asked_with_all_that_it_requires(measured: Measured) -> None:
    found = subjects.find(measured)
    for saved in SHIPPED.values():
        asked = list(subjects.askings(saved, found))
        assert asked, saved.name
        for asking in asked:
            assert asking.values.keys() == {parameter.name for parameter in saved.parameters}
            assert not [p.name for p in saved.parameters if p.required and asking.values[p.name] is None]


def test_a_query_with_something_to_leave_out_is_asked_with_and_without_it(measured: Measured) -> None:
    found = subjects.find(measured)
    text = NEVER.format(budget="1").replace(
        "// @returns", "// @param owner string default=null — whose\n//\n// @returns"
    )
    text = text.replace(":param {}", ":param {owner: null}").replace(
        "MATCH (m:Model)", "MATCH (m:Model {owner: $owner})"
    )
    optional = library.parse(text, Path("queries/tests/optional.cypher"))
    assert [(asking.subject, asking.values) for asking in subjects.askings(optional, found)] == [
        ("nothing in particular", {"owner": None}),
        ("largest owner", {"owner": found.others["owner"]}),
    ]
    required = library.parse(text.replace("default=null", "required"), Path("queries/tests/required.cypher"))
    nobody = subjects.Subjects(models={}, others={})
    assert [(asking.subject, asking.values) for asking in subjects.askings(required, nobody)] == [
        ("largest owner", {"owner": "none"})
    ]


def test_times_come_with_the_whole_answer_and_the_plans_with_their_db_hits(measured: Measured) -> None:
    found = subjects.find(measured)
    said: list[str] = []
    times = measure(measured, [SHIPPED["top_parents"], SHIPPED["model"]], found, said.append)
    assert [time.query.name for time in times] == ["top_parents", "model"]
    assert len(said) == 2
    for time in times:
        assert time.failure is None
        assert time.rows > 0
        assert 0 < time.seconds < 60
        operators = profile(measured.graph, time)
        assert operators[0].name == "ProduceResults"
        assert operators[0].rows == time.rows
        assert sum(operator.db_hits for operator in operators) > time.rows
    assert {operator.depth for operator in operators} >= {0, 1}, "the query has subqueries"
    assert slowest(times, 1) == [max(times, key=lambda time: time.seconds)]


def test_a_query_beyond_its_budget_is_named_and_one_that_fails_too(measured: Measured) -> None:
    found = subjects.find(measured)
    failing = library.parse(
        NEVER.format(budget="5").replace("m.id AS id", "m.id / 0 AS id"), Path("queries/tests/failing.cypher")
    )
    result = report.Results(
        "tiny", "little", measure(measured, [query("0.000001"), query("60"), failing], found, print), ()
    )
    assert [time.held for time in result.times] == [False, True, False]
    hasty, broken = report.too_slow([result])
    assert hasty.startswith("never (tiny; nothing in particular): 0.0")
    assert broken.startswith("failing (tiny; nothing in particular): ")
    text = report.markdown("this machine", [result])
    assert text.count("| **no** |") == 2
    assert "| failed | 5 | **no** |" in text
    assert "1 of 3 within their budget" in text


@pytest.mark.parametrize(
    ("rows", "seconds", "held"),
    [(30_000, 1.0, True), (30_000, 1.01, False), (130_000, 11.0, True), (130_000, 11.01, False)],
)
def test_a_row_of_a_long_answer_may_take_the_driver_a_tenth_of_a_millisecond(
    rows: int, seconds: float, *, held: bool
) -> None:
    assert Time(query("1"), Asking("", {}), rows, seconds, 0.5).held is held


def test_the_whole_benchmark_of_a_graph_says_what_it_holds(measured: Measured) -> None:
    result = bench.benchmark(measured, [SHIPPED["top_parents"], SHIPPED["roots"]])
    assert len(result.plans) == 2
    text = report.markdown("this machine", [result])
    assert "the longest chain 40 steps; Neo4j " in text
    assert "The yardstick, 200,000 rows of one number, took " in text
    assert "| `roots` | genealogy | " in text
    assert "`ProduceResults`" in text


def test_tables_go_between_their_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a: written by make bench -->\nold\n<!-- end of a -->\nafter\n", encoding="utf-8")
    report.put(page, "a", "new\n")
    report.put(page, "a", "newer\n")
    assert page.read_text(encoding="utf-8") == (
        "before\n<!-- a: written by make bench -->\n\nnewer\n\n<!-- end of a -->\nafter\n"
    )
    with pytest.raises(HubGenealogyError, match="lacks the lines <!-- b: written by make bench -->"):
        report.put(page, "b", "new\n")


def test_without_the_real_data_one_line_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    code = bench.main(["--data", str(tmp_path / "none"), "--home", str(tmp_path / "home"), "--graph", "replay"])
    assert code == 2
    assert capsys.readouterr().err == (
        f"make bench: no real data at {tmp_path / 'none'}: name its folder, as in make bench DATA=…\n"
    )
    assert not (tmp_path / "home").exists()


def test_the_page_of_the_repository_has_its_marks(tmp_path: Path) -> None:
    copy = tmp_path / "benchmarks.md"
    copy.write_text(bench.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.put(copy, bench.PLACE, "a table\n")
    assert "a table" in copy.read_text(encoding="utf-8")

"""A graph that neo4j-admin imports is the one that Bolt loads, to the last property; whatever is killed on the way."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest

from crawler.graph.connection import Connection, open_connection
from crawler.local.server import LocalServer
from demo import SAMPLE
from demo.simulated_hub import SimulatedHub
from tests.support.graph_parts import labelled
from tests.support.program import Program, wait_for
from tests.support.small_hub import model

MEMORY = {"HUB_GENEALOGY_NEO4J_HEAP": "512m", "HUB_GENEALOGY_NEO4J_PAGE_CACHE": "64m"}
IMPORT = {"HUB_GENEALOGY_LOAD_BULK_ROWS": "1", "HUB_GENEALOGY_LOAD_BULK_SHARE": "0"}
DATASETS = {"HUB_GENEALOGY_DATASETS_CRAWL": "on"}
ROWS = {"HUB_GENEALOGY_LOAD_BULK_ROWS": "1000000"}
MAXIMUM_SECONDS = 600
# What CSV could misread: separators, quotes, line breaks, white space, numbers and booleans as texts, nothing at all.
ODD = model(
    77,
    "odd/one",
    pipeline_tag='a, "quoted"; part\\',
    library_name=" 5 ",
    tags=["license:mit", "gguf", "dataset:odd/corpus", "dataset:never/listed"],
    cardData={"license": "mit", "language": ["en;fr", 'e"n', " de ", "true", "a|b,c", "7"], "base_model": "odd/Lost"},
    config={"model_type": "two\nlines\r\nand \t more", "architectures": ["ÄÖÜ", "\u2028", "x\x1ey", "''"]},
    gated="manual",
    downloads=2**40,
)

LEFT = model(76, "odd/left")
SETS = [
    model(90, "odd/source"), model(91, "odd/left-behind"),
    model(92, "odd/corpus", cardData={"source_datasets": ["odd/source", "extended|odd/left-behind"]}),
]  # fmt: skip


@pytest.fixture(scope="module")
def hub() -> Iterator[SimulatedHub]:
    with SAMPLE.open(encoding="utf-8") as lines:
        models = [*map(json.loads, lines), ODD, LEFT]
    with SimulatedHub(models, datasets=SETS) as running:
        yield running


@pytest.fixture(scope="module")
def imported(hub: SimulatedHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A state folder with its own server, whose graph was imported by the first crawl."""
    # In a folder whose name neo4j-admin could take for a pattern, a list or an address.
    home = tmp_path_factory.mktemp("bulk") / "a:b, c [d]*"
    settings = {"HF_ENDPOINT": hub.url, "HUB_GENEALOGY_POPULARITY_CADENCE": "sweep", **DATASETS, **MEMORY, **IMPORT}
    program = Program(home, None, settings)
    try:
        program.crawl()
        yield program
    finally:
        program.run("db", "stop")


def over_bolt(program: Program, connection: Connection, command: str) -> Program:
    """The same state folder, loaded into another server."""
    other = Program(program.home, connection, program.settings)
    result = other.run(command)
    assert result.code == 0, result.err
    return other


def dumped(program: Program) -> set[str]:
    """The graph, `Crawl` nodes included."""
    result = program.run("graph", "dump")
    assert result.code == 0, result.err
    return set(result.out.splitlines())


def schema_of(connection: Connection) -> set[tuple[Any, ...]]:
    with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password)) as driver:
        indexes = driver.execute_query(
            "SHOW INDEXES YIELD name, type, state, entityType, labelsOrTypes, properties, owningConstraint"
        ).records
        constraints = driver.execute_query("SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties").records
    return {tuple(map(str, record.values())) for record in (*indexes, *constraints) if "LOOKUP" not in record.values()}


def labels_of(connection: Connection) -> Counter[tuple[str, tuple[str, ...]]]:
    with open_connection(connection) as graph:
        return labelled(graph)


def local(program: Program) -> Connection:
    return LocalServer(program.home, heap="512m", page_cache="64m").start()


def ask(connection: Connection, cypher: str) -> Any:
    """The first value of the answer; an error at once where the server does not answer."""
    auth = (connection.username, connection.password)
    with neo4j.GraphDatabase.driver(connection.uri, auth=auth, max_transaction_retry_time=0) as driver:
        return driver.execute_query(cypher, database_=connection.database).records[0][0]


def imports(program: Program) -> list[Path]:
    return list((program.home / "neo4j").glob("import-*"))


def test_imports_and_nights_over_bolt_end_in_the_graph_that_bolt_alone_makes(
    imported: Program, hub: SimulatedHub, bare_graph: Connection
) -> None:
    bolt = over_bolt(imported, bare_graph, "rebuild")
    assert dumped(imported) == dumped(bolt)
    assert schema_of(local(imported)) == schema_of(bare_graph)

    night = imported.with_settings(**ROWS)
    hub.rename("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/zephyr-7b-final")
    hub.delete("mistralai/Mistral-7B-Instruct-v0.2")
    hub.update("TheBloke/zephyr-7B-beta-GGUF", {"tags": ["gguf"], "cardData": {}, "baseModels": None})
    hub.update("odd/one", {"downloads": 3})
    hub.create(model(78, "odd/Lost"))
    hub.create(model(79, "odd/short-lived", tags=["license:cc-by-4.0"], cardData={"license": "cc-by-4.0"}))
    night.crawl()
    hub.update("odd/short-lived", {"tags": [], "cardData": {}})
    hub.update("odd/one", {"downloads": 4})
    night.crawl()
    over_bolt(imported, bare_graph, "load")
    as_it_is = dumped(bolt)
    assert dumped(imported) == as_it_is
    labels = labels_of(bare_graph)
    assert set(labels) == {("listed", ("Model",)), ("gone", ("Gone", "Model")), ("absent", ("Absent", "Model"))}

    # The same from three change sets at once; the user's password is no part of it.
    connection = local(imported)
    driver = neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password))
    with driver, driver.session(database="system") as session:
        session.run("ALTER CURRENT USER SET PASSWORD FROM $old TO 'another one'", old=connection.password).consume()
    (imported.home / "neo4j" / "password").write_text("another one")
    rebuilt = imported.run("rebuild")
    assert (rebuilt.code, rebuilt.out) == (0, rebuilt.out), rebuilt.err
    assert "importing the graph beside the one that is served" in rebuilt.messages
    assert local(imported).password == "another one"
    assert dumped(imported) == as_it_is
    assert labels_of(local(imported)) == labels
    assert schema_of(local(imported)) == schema_of(bare_graph)
    assert imports(imported) == list((imported.home / "neo4j").glob("erased-*")) == []


def test_what_is_exported_for_neo4j_admin_is_the_same_graph_after_an_import_and_a_load(
    imported: Program, hub: SimulatedHub, tmp_path: Path
) -> None:
    hub.delete("odd/left")
    hub.datasets.delete("odd/left-behind")
    night = imported.with_settings(**ROWS, HUB_GENEALOGY_SWEEP_MAX_VANISHED_SHARE="1").run("crawl")
    assert night.code == 0, night.err
    before, folder, digest = dumped(imported), tmp_path / "exported", imported.digest()
    # The labels of a status, and data sets by their keys, are what CSV must say too.
    found = [json.loads(line) for line in before]
    nodes = [
        (*sorted(one["node"]["labels"]), one["node"]["properties"].get("status")) for one in found if "node" in one
    ]
    assert {("Model", "listed"), ("Gone", "Model", "gone"), ("Absent", "Model", "absent")} <= set(nodes)
    assert {("Dataset", "listed"), ("Dataset", "gone"), ("Dataset", "absent")} <= set(nodes)
    source, left, corpus = (one["_id"] for one in SETS)
    ends = {(one["edge"]["from"], one["edge"]["to"]) for one in found if "edge" in one}
    assert {two for two in ends if corpus in two} == {
        (corpus, source),
        (corpus, left),
        (corpus, "odd"),
        (ODD["_id"], corpus),
    }
    done = imported.run("export", "bulk", "--to", str(folder))
    assert done.code == 0, done.err
    again = imported.run("export", "bulk", "--to", str(folder))
    assert (again.code, again.messages) == (
        1, [f"{folder} exists already: give another folder with --to, or remove it"],
    )  # fmt: skip
    server = LocalServer(imported.home, heap="512m", page_cache="64m")
    place = server.begin_import()
    for file in folder.iterdir():
        file.rename(place / file.name)
    server.import_graph(place, ["@arguments.txt"])
    server.restart()
    unfinished = imported.run("query", "crawls")
    assert unfinished.code == 75
    loaded = imported.run("load")
    assert loaded.code == 0, loaded.err
    assert dumped(imported) == before
    assert imported.digest() == digest
    assert labels_of(local(imported)).keys() == {
        ("listed", ("Model",)),
        ("gone", ("Gone", "Model")),
        ("absent", ("Absent", "Model")),
    }
    assert imports(imported) == []


def test_an_export_of_a_folder_without_change_sets_says_so_and_makes_nothing(tmp_path: Path) -> None:
    done = Program(tmp_path / "home", None, {}).run("export", "bulk", "--to", str(tmp_path / "out"))
    assert (done.code, len(done.messages)) == (1, 1)
    assert "there are no change sets" in done.messages[0]
    assert list(tmp_path.iterdir()) == []


def kill_when(program: Program, command: str, reached: Callable[[], bool]) -> None:
    process = program.start(command)
    try:
        wait_for(process, reached, MAXIMUM_SECONDS)
    finally:
        process.kill()
        process.communicate(timeout=30)


def there(program: Program, pattern: str) -> Callable[[], bool]:
    return lambda: any((program.home / "neo4j").glob(f"import-*/{pattern}"))


def being_served(program: Program) -> Callable[[], bool]:
    """Whether the server has come up with a graph that still lacks its schema."""

    def reached() -> bool:
        connection = LocalServer(program.home).connection()
        try:
            return connection is not None and ask(connection, "MATCH (c:Crawl {imported: true}) RETURN count(c) > 0")
        except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError):
            return False

    return reached


def importers(places: list[Path]) -> list[psutil.Process]:
    """The importers that work in one of the folders."""
    names = {f"@{place / 'arguments'}" for place in places}
    return [p for p in psutil.process_iter(["cmdline"]) if names & set(p.info["cmdline"] or ())]


def test_an_import_that_was_killed_anywhere_starts_over_and_serves_nothing_half_done(imported: Program) -> None:
    before = imported.digest()
    kill_when(imported, "rebuild", there(imported, "files/models.csv"))
    assert imported.digest() == before, "the old graph is served meanwhile"
    kill_when(imported, "rebuild", there(imported, "data/databases/neo4j/neostore*"))
    left = imports(imported)
    assert imported.digest() == before
    kill_when(imported, "rebuild", there(imported, "ready"))
    assert not set(left) & set(imports(imported))
    assert importers(left) == [], "an importer was ended that outlived its run"

    kill_when(imported, "rebuild", being_served(imported))
    asked = imported.run("query", "descendants", "--model", "mistralai/Mistral-7B-v0.1")
    assert (asked.code, asked.out) == (75, "")
    assert "being built" in asked.messages[-1]
    loaded = imported.run("load")
    assert loaded.code == 0, loaded.err
    assert "importing" not in loaded.err, "what was imported is used"
    assert imported.digest() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_an_import_stops_the_run_and_leaves_the_graph(imported: Program, number: signal.Signals) -> None:
    before = imported.digest()
    process = imported.start("rebuild")
    wait_for(process, there(imported, "data/databases/neo4j/neostore*"), MAXIMUM_SECONDS)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number, said
    assert imports(imported) == []
    assert imported.digest() == before


def test_a_small_change_of_a_large_graph_goes_over_bolt(imported: Program, hub: SimulatedHub) -> None:
    hub.update("odd/one", {"pipeline_tag": "text-generation"})
    with_share = imported.with_settings(HUB_GENEALOGY_LOAD_BULK_SHARE="0.5")
    result = with_share.run("crawl")
    assert (result.code, "importing" in result.err) == (0, False), result.err


def test_where_an_import_fails_the_load_goes_row_by_row(imported: Program) -> None:
    before = imported.digest()
    # The server runs already, so that only the importer asks for this much.
    rebuilt = imported.with_settings(HUB_GENEALOGY_NEO4J_HEAP="99999999g").run("rebuild")
    assert rebuilt.code == 0, rebuilt.err
    [said] = [message for message in rebuilt.messages if "row by row" in message]
    assert "neo4j-admin database import failed: " in said
    assert imported.digest() == before
    assert imports(imported) == []


def test_what_others_keep_in_the_database_is_not_lost_in_an_import(imported: Program) -> None:
    before = imported.digest()
    connection = local(imported)
    ask(connection, "CREATE (n:Note) RETURN 1")
    rebuilt = imported.run("rebuild")
    assert rebuilt.code == 0, rebuilt.err
    [said] = [message for message in rebuilt.messages if "row by row" in message]
    assert "the label Note" in said
    assert ask(connection, "MATCH (n:Note) RETURN count(n)") == 1
    assert imported.digest() == before

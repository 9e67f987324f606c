"""Small graphs, written by plain Cypher, and questions put to them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.answers import library
from crawler.answers.run import answer, read_session
from crawler.changes.tables import STATUS_LABELS
from crawler.graph.connection import Connection, Graph, open_connection
from crawler.records.evidence import certainty_of
from crawler.resources import shipped
from tests.support.neo4j_for_tests import empty

LIBRARY = library.load(shipped("queries"))


@contextmanager
def opened(connection: Connection) -> Iterator[Graph]:
    """The graph behind `connection`, with nothing in it but its constraints and indexes."""
    with open_connection(connection) as graph:
        empty(graph)
        yield graph


def wipe(graph: Graph) -> None:
    """Leave the constraints, the indexes and the note of them alone, and nothing else."""
    with graph.session() as session:
        session.run("MATCH (n) WHERE NOT n:SchemaMigration DETACH DELETE n").consume()


def day(number: int) -> datetime:
    """Three in the morning of a day of January 2025."""
    return datetime(2025, 1, number, 3, tzinfo=UTC)


def model(name: str, **properties: Any) -> dict[str, Any]:
    """A listed model whose key is its name in capitals."""
    return {
        "key": name.upper(),
        "id": name,
        "status": "listed",
        "first_seen": day(1),
        "listed_at": day(1),
        "url": f"https://huggingface.co/{name}",
        **properties,
    }


def link(child: str, parent: str, relation: str = "finetune", **properties: Any) -> dict[str, Any]:
    """A current link between two models, by their keys in any case."""
    sources = properties.setdefault("sources", ["hub", "tag"])
    return {
        "child": child.upper(),
        "parent": parent.upper(),
        "properties": {
            "relation": relation,
            "certainty": certainty_of(sources),
            "status": "current",
            "first_seen": day(1),
            **properties,
        },
    }


def write(graph: Graph, models: Iterable[Mapping[str, Any]], links: Iterable[Mapping[str, Any]] = ()) -> None:
    labels = " ".join(
        f"FOREACH (_ IN CASE row.status WHEN '{status}' THEN [1] ELSE [] END | SET m:{label})"
        for status, label in STATUS_LABELS.items()
    )
    _write(graph, f"CREATE (m:Model) SET m = row, m.id_lower = toLower(row.id) {labels}", list(models))
    _write(
        graph,
        "MATCH (c:Model {key: row.child}) MATCH (p:Model {key: row.parent}) "
        "CREATE (c)-[e:DERIVED_FROM]->(p) SET e = row.properties",
        list(links),
    )


def _write(graph: Graph, clauses: str, rows: list[Mapping[str, Any]]) -> None:
    """In transactions that the small heap of the tests' server holds at any time."""
    with graph.session() as session:
        for start in range(0, len(rows), 5000):
            session.run(f"UNWIND $rows AS row {clauses}", rows=rows[start : start + 5000]).consume()


def write_former_name(graph: Graph, name: str, key: str) -> None:
    with graph.session() as session:
        session.run(
            "MATCH (m:Model {key: $key}) CREATE (f:FormerName {id: $name, id_lower: toLower($name), model: $key, since: $since})"
            "-[:NOW]->(m)",
            name=name,
            key=key,
            since=day(1),
        ).consume()


def write_dataset(graph: Graph, name: str, keys: Iterable[str]) -> None:
    """A data set that the models of these keys say they were trained on."""
    with graph.session() as session:
        session.run(
            "CREATE (d:Dataset {key: 'absent:' + toLower($name), id: $name, id_lower: toLower($name)}) "
            "WITH d UNWIND $keys AS key MATCH (m:Model {key: key}) "
            "CREATE (m)-[:TRAINED_ON {sources: ['card']}]->(d)",
            name=name,
            keys=list(keys),
        ).consume()


def ask(graph: Graph, name: str, **given: Any) -> list[dict[str, Any]]:
    """The rows that the saved query gives; parameters that are not given have their defaults."""
    return ask_within(60, graph, name, **given)


def ask_within(seconds: float, graph: Graph, name: str, **given: Any) -> list[dict[str, Any]]:
    """The same; the server itself stops what takes longer, and that is an error."""
    query = LIBRARY[name]
    values = {parameter.name: parameter.default for parameter in query.parameters} | given
    columns = [column.name for column in query.columns]
    with read_session(graph) as session, answer(session, query, values, timedelta(seconds=seconds)) as rows:
        return [dict(zip(columns, row, strict=True)) for row in rows]


def pick(rows: Iterable[Mapping[str, Any]], *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row[column] for column in columns) for row in rows}

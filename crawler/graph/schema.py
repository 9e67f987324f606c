"""Numbered schema files, each applied once, in order, and recorded in the graph.

`schema/V001__what_it_does.cypher` holds statements that end with `;` at the end of a line. What was applied is a
`(:SchemaMigration {version, name, checksum, applied_at})`, beside the graph's own labels.

Beside these files, the database is told the names of all labels, relationship types and properties, used or not. Else the
server warns of each query that names one of which the graph has none yet, such as `gone_at`.
"""

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from crawler.changes.crawl_node import CRAWL
from crawler.changes.tables import LABELS, STATUS_LABELS, TABLES, TYPES
from crawler.errors import HubGenealogyError
from crawler.graph import mirror
from crawler.graph.connection import Graph
from crawler.resources import shipped

logger = logging.getLogger(__name__)
_NAME = re.compile(r"V(?P<version>[0-9]{3})__(?P<name>[a-z0-9_]+)\.cypher")
# The procedure that lists the names of a kind, that which makes one, and the names of this version.
NAMES = (
    ("db.labels() YIELD label", "db.createLabel", {*LABELS, *STATUS_LABELS.values(), "Crawl", mirror.LABEL}),
    ("db.relationshipTypes() YIELD relationshipType", "db.createRelationshipType", {*TYPES, mirror.TYPE}),
    (
        "db.propertyKeys() YIELD propertyKey",
        "db.createProperty",
        {
            column.property_name
            for columns in (CRAWL, mirror.CASE, mirror.CONCERNS, *(table.properties for table in TABLES))
            for column in columns
        },
    ),
)


@dataclass(frozen=True)
class Migration:
    """One schema file."""

    version: int
    name: str
    checksum: str
    statements: tuple[str, ...]

    @property
    def of_data(self) -> bool:
        """Whether it only gives values to what earlier versions loaded: change sets that are read today have these."""
        return not any(statement.startswith("CREATE ") for statement in self.statements)


def migrations(folder: Path | None = None) -> list[Migration]:
    """The schema files of this version, in order."""
    found = []
    for path in sorted((folder or shipped("schema")).glob("*.cypher")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise HubGenealogyError(f"{path} is no schema file: its name must look like V001__what_it_does.cypher")
        text = path.read_text(encoding="utf-8")
        code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
        statements = tuple(part.strip() for part in re.split(r";\s*(?:\n|$)", code) if part.strip())
        checksum = hashlib.sha256(text.encode()).hexdigest()
        found.append(Migration(int(match["version"]), match["name"], checksum, statements))
    return found


def pending(graph: Graph, known: list[Migration] | None = None) -> list[Migration]:
    """The schema files that the graph lacks.

    Raises HubGenealogyError where the graph was made by a newer version, or a file changed after it was applied.
    """
    known = migrations() if known is None else known
    applied = _applied(graph)
    newest = max((migration.version for migration in known), default=0)
    if applied and max(applied) > newest:
        raise HubGenealogyError(
            f"the graph has schema V{max(applied):03d}, this hub-genealogy knows up to V{newest:03d}: upgrade this installation"
        )
    for migration in known:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise HubGenealogyError(
                f"schema/V{migration.version:03d}__{migration.name}.cypher is not what was applied to the graph: "
                "restore the file and put the change into a new one"
            )
    return [migration for migration in known if migration.version not in applied]


def check_applied(graph: Graph) -> None:
    """Make sure that the graph has what the queries of this version rely on; a graph of a newer version has it too.

    Raises HubGenealogyError where it lacks a schema file of this version.
    """
    applied = _applied(graph)
    lacking = [f"V{one.version:03d} {one.name}" for one in migrations() if one.version not in applied]
    if lacking:
        raise HubGenealogyError(f"the graph lacks {', '.join(lacking)}: run hub-genealogy schema apply")


def _applied(graph: Graph) -> dict[int, str]:
    """The schema files that were applied to the graph: version → checksum."""
    found = graph.read("MATCH (s:SchemaMigration) RETURN s.version AS version, s.checksum AS checksum")
    return {record["version"]: record["checksum"] for record in found}


def apply(graph: Graph) -> list[Migration]:
    """Apply what is pending, wait until the indexes are online, and return what was applied."""
    todo = pending(graph)
    with graph.session() as session:
        for known, create, names in NAMES:
            lacking = sorted(names - {row[0] for row in session.run(f"CALL {known}")})
            if lacking:
                session.run(f"UNWIND $names AS name CALL {create}(name) RETURN count(*)", names=lacking).consume()
        for migration in todo:
            for statement in migration.statements:
                # Schema statements want a transaction of their own; each says IF NOT EXISTS, so that a kill between
                # two of them costs nothing.
                session.run(statement).consume()
            session.run(
                "MERGE (s:SchemaMigration {version: $version}) "
                "SET s.name = $name, s.checksum = $checksum, s.applied_at = datetime()",
                version=migration.version, name=migration.name, checksum=migration.checksum,
            ).consume()  # fmt: skip
            logger.info("schema: applied V%03d %s", migration.version, migration.name)
        if todo:
            session.run("CALL db.awaitIndexes(600)").consume()
    return todo

"""How the rows of each graph table get into Neo4j: one statement to put them, one to take them away.

Every statement is idempotent, finds its nodes by the key of a constraint, and takes `$rows`. Times come as
milliseconds since 1970 and become DateTime on the server, which is a good deal faster than in the driver.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Statements:
    """`put` returns the number of rows it found a place for; `properties` are the columns that are set as they are."""

    put: str
    delete: str
    properties: tuple[str, ...] = ()


STATEMENTS = {
    # (:Model {key})
    "models": Statements(
        put="""
            UNWIND $rows AS row
            MERGE (m:Model {key: row.key})
            SET m += row.properties,
                m.created_at = CASE WHEN row.created_at IS NOT NULL THEN datetime({epochMillis: row.created_at}) END,
                m.modified_at = CASE WHEN row.modified_at IS NOT NULL THEN datetime({epochMillis: row.modified_at}) END,
                m.first_seen = CASE WHEN row.first_seen IS NOT NULL THEN datetime({epochMillis: row.first_seen}) END,
                m.listed_at = CASE WHEN row.listed_at IS NOT NULL THEN datetime({epochMillis: row.listed_at}) END,
                m.gone_at = CASE WHEN row.gone_at IS NOT NULL THEN datetime({epochMillis: row.gone_at}) END,
                m.absences = [time IN row.absences | datetime({epochMillis: time})]
            RETURN count(*) AS placed""",
        delete="UNWIND $rows AS row MATCH (m:Model {key: row.key}) DETACH DELETE m",
        properties=(
            "id",
            "id_lower",
            "hub_id",
            "status",
            "gone_reason",
            "owner",
            "gated",
            "disabled",
            "pipeline_tag",
            "library",
            "license",
            "model_type",
            "architectures",
            "parameters",
            "weight_formats",
            "languages",
            "has_card",
            "quantization",
            "cycle",
            "url",
            "downloads",
            "likes",
        ),
    ),
    # (:Owner {name})
    "owners": Statements(
        put="UNWIND $rows AS row MERGE (o:Owner {name: row.name}) RETURN count(*) AS placed",
        delete="UNWIND $rows AS row MATCH (o:Owner {name: row.name}) DETACH DELETE o",
    ),
    # (:Dataset {id_lower})
    "datasets": Statements(
        put="UNWIND $rows AS row MERGE (d:Dataset {id_lower: row.id_lower}) SET d += row.properties RETURN count(*) AS placed",
        delete="UNWIND $rows AS row MATCH (d:Dataset {id_lower: row.id_lower}) DETACH DELETE d",
        properties=("id",),
    ),
    # (:License {id})
    "licenses": Statements(
        put="UNWIND $rows AS row MERGE (l:License {id: row.id}) SET l += row.properties RETURN count(*) AS placed",
        delete="UNWIND $rows AS row MATCH (l:License {id: row.id}) DETACH DELETE l",
        properties=("name", "spdx", "family", "commercial_use", "share_alike", "use_restrictions"),
    ),
    # (:FormerName)-[:NOW]->(:Model)
    "former_names": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.model})
            MERGE (f:FormerName {id_lower: row.id_lower, model: row.model})
            MERGE (f)-[:NOW]->(m)
            SET f.id = row.id,
                f.since = CASE WHEN row.since IS NOT NULL THEN datetime({epochMillis: row.since}) END,
                f.until = CASE WHEN row.until IS NOT NULL THEN datetime({epochMillis: row.until}) END
            RETURN count(*) AS placed""",
        delete="UNWIND $rows AS row MATCH (f:FormerName {id_lower: row.id_lower, model: row.model}) DETACH DELETE f",
    ),
    # (:Family)-[:HEADED_BY]->(:Model): the key names the head, so the relationship never moves
    "families": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.head})
            MERGE (f:Family {key: row.key})
            MERGE (f)-[:HEADED_BY]->(m)
            SET f += row.properties
            RETURN count(*) AS placed""",
        delete="UNWIND $rows AS row MATCH (f:Family {key: row.key}) DETACH DELETE f",
        properties=("kind", "root", "size", "depth", "roots", "chain"),
    ),
    # (:Model)-[:DERIVED_FROM]->(:Model), child to parent
    "derived_from": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (child:Model {key: row.child})
            MATCH (parent:Model {key: row.parent})
            MERGE (child)-[r:DERIVED_FROM]->(parent)
            SET r += row.properties,
                r.first_seen = CASE WHEN row.first_seen IS NOT NULL THEN datetime({epochMillis: row.first_seen}) END,
                r.withdrawn_at = CASE WHEN row.withdrawn_at IS NOT NULL THEN datetime({epochMillis: row.withdrawn_at}) END,
                r.absences = [time IN row.absences | datetime({epochMillis: time})]
            RETURN count(*) AS placed""",
        delete="""
            UNWIND $rows AS row
            MATCH (:Model {key: row.child})-[r:DERIVED_FROM]->(:Model {key: row.parent})
            DELETE r""",
        properties=(
            "relation",
            "sources",
            "certainty",
            "declared_as",
            "claims",
            "resolved_by",
            "rule",
            "name_doubt",
            "status",
        ),
    ),
    # (:Model)-[:PUBLISHED_BY]->(:Owner), one for each model: a transfer moves it
    "published_by": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.model})
            MATCH (o:Owner {name: row.owner})
            CALL (m, o, row) {
              WITH * WHERE NOT row.added
              MATCH (m)-[before:PUBLISHED_BY]->(other)
              WHERE other <> o
              DELETE before
            }
            MERGE (m)-[:PUBLISHED_BY]->(o)
            RETURN count(*) AS placed""",
        delete="UNWIND $rows AS row MATCH (:Model {key: row.model})-[r:PUBLISHED_BY]->(:Owner) DELETE r",
    ),
    # (:Model)-[:TRAINED_ON {sources}]->(:Dataset)
    "trained_on": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.model})
            MATCH (d:Dataset {id_lower: row.dataset})
            MERGE (m)-[r:TRAINED_ON]->(d)
            SET r += row.properties
            RETURN count(*) AS placed""",
        delete="""
            UNWIND $rows AS row
            MATCH (:Model {key: row.model})-[r:TRAINED_ON]->(:Dataset {id_lower: row.dataset})
            DELETE r""",
        properties=("sources",),
    ),
    # (:Model)-[:LICENSED_UNDER]->(:License)
    "licensed_under": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.model})
            MATCH (l:License {id: row.license})
            MERGE (m)-[:LICENSED_UNDER]->(l)
            RETURN count(*) AS placed""",
        delete="""
            UNWIND $rows AS row
            MATCH (:Model {key: row.model})-[r:LICENSED_UNDER]->(:License {id: row.license})
            DELETE r""",
    ),
    "popularity": Statements(
        put="""
            UNWIND $rows AS row
            MATCH (m:Model {key: row.key})
            SET m += row.properties
            RETURN count(*) AS placed""",
        delete="",  # popularity goes with its model
        properties=("downloads", "likes"),
    ),
}

# Nodes before what joins them; what goes away goes last, joins before nodes.
NODES = ("models", "owners", "datasets", "licenses", "former_names", "families")
JOINS = ("derived_from", "published_by", "trained_on", "licensed_under")
STEPS = (
    *((table, "put") for table in (*NODES, *JOINS, "popularity")),
    *((table, "del") for table in (*JOINS, *reversed(NODES))),
)

"""The graph as tables: what of a snapshot becomes nodes and relationships, and by which key a row is told from others.

A snapshot decides the graph completely: the graph after a crawl is these tables, and a change set is the difference
between those of two snapshots.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class GraphTable:
    """Rows of one label or relationship type; `select` makes them from the snapshot tables of the schema `{s}`."""

    name: str
    keys: tuple[str, ...]
    select: str
    # Carried by a row that is written anyway, but no reason to write one.
    uncompared: tuple[str, ...] = ()


MODELS = GraphTable(
    "models",
    ("key",),
    """
    SELECT key, id, id_lower, hub_id, status, gone_reason, owner, created_at, modified_at, first_seen, listed_at,
           gone_at, absences, gated, disabled, pipeline_tag, library, licenses[1] AS license, model_type,
           nullif(architectures, []) AS architectures, parameters, nullif(weight_formats, []) AS weight_formats,
           nullif(languages, []) AS languages, has_card, quantization, cycle,
           CASE WHEN status <> 'absent' THEN 'https://huggingface.co/' || replace(url_encode(id), '%2F', '/') END AS url,
           downloads, likes
    FROM {s}.models
    """,
    uncompared=("downloads", "likes"),
)

TABLES = (
    MODELS,
    GraphTable(
        "owners",
        ("name",),
        "SELECT DISTINCT owner AS name FROM {s}.models WHERE status <> 'absent' AND owner IS NOT NULL",
    ),
    GraphTable(
        "datasets",
        ("id_lower",),
        "SELECT lower(d.id) AS id_lower, min(d.id) AS id FROM (SELECT unnest(datasets) AS d FROM {s}.models) GROUP BY ALL",
    ),
    GraphTable(
        "licenses",
        ("id",),
        "SELECT id, name, spdx, family, commercial_use, share_alike, use_restrictions FROM {s}.licenses",
    ),
    GraphTable(
        "former_names",
        ("id_lower", "model"),
        "SELECT id_lower, model, id, since, until FROM {s}.names",
    ),
    GraphTable(
        "families",
        ("key",),
        "SELECT key, head, kind, root, size, depth, roots, chain FROM {s}.families",
    ),
    GraphTable(
        "derived_from",
        ("child", "parent"),
        """
        SELECT child, parent, relation, sources, certainty, declared_as, claims, step AS resolved_by, rule, name_doubt,
               status, first_seen,
               withdrawn_at, absences
        FROM {s}.edges
        """,
    ),
    GraphTable(
        "published_by",
        ("model",),
        "SELECT key AS model, owner FROM {s}.models WHERE status <> 'absent' AND owner IS NOT NULL",
    ),
    GraphTable(
        "trained_on",
        ("model", "dataset"),
        """
        SELECT key AS model, lower(d.id) AS dataset, d.sources AS sources
        FROM (SELECT key, unnest(datasets) AS d FROM {s}.models)
        """,
    ),
    GraphTable(
        "licensed_under",
        ("model", "license"),
        "SELECT key AS model, unnest(licenses) AS license FROM {s}.models",
    ),
)

# Counted in the graph after each load: label or relationship type, and the table that holds its rows.
LABELS = {
    "Model": "models",
    "Owner": "owners",
    "Dataset": "datasets",
    "License": "licenses",
    "FormerName": "former_names",
    "Family": "families",
}
TYPES = {
    "DERIVED_FROM": "derived_from",
    "PUBLISHED_BY": "published_by",
    "TRAINED_ON": "trained_on",
    "LICENSED_UNDER": "licensed_under",
    "NOW": "former_names",
    "HEADED_BY": "families",
}
# The labels of the two ends of each relationship type.
ENDS = {
    "DERIVED_FROM": ("Model", "Model"),
    "HEADED_BY": ("Family", "Model"),
    "LICENSED_UNDER": ("Model", "License"),
    "NOW": ("FormerName", "Model"),
    "PUBLISHED_BY": ("Model", "Owner"),
    "TRAINED_ON": ("Model", "Dataset"),
}

"""The columns that become properties in the graph: each with its origin, its type, its property and its meaning.

One row decides a column everywhere: in the snapshot's tables, in the rows that are read from pages, in change sets, in the
statements that load them, in `graph dump` and in docs/data-model.md. To add a property of a model from a listed field, give
`records.record.Model` the field and MODEL the column.
"""

from dataclasses import dataclass

from crawler.records.evidence import CERTAINTY_SQL
from crawler.records.forgetting import STAND_IN


@dataclass(frozen=True)
class Column:
    """A column of a snapshot's table, a property of the graph, or both."""

    name: str
    """In the snapshot; of one that is not `stored`, in the graph."""
    type: str
    """In DuckDB. Times are UTC without an offset."""
    meaning: str
    fields: tuple[str, ...] = ()
    """The fields of the Hub's listing that it is read from; none where the snapshot decides it."""
    in_graph: bool = True
    """Whether it is a property in the graph."""
    alias: str = ""
    """The name of the property, where it is not that of the column."""
    value: str = ""
    """The property as an expression over the columns of the snapshot's table, where it is not the column itself."""
    stored: bool = True
    """Whether the snapshot's table has it; a column that is not stored exists as a property only."""
    compared: bool = True
    """Whether a change of it alone writes a row into a change set. Popularity has files of its own."""
    default: str = "NULL"
    """Its value in files of earlier versions, which lack it: an expression over the other columns of the file (of a column
    that is not `stored`, over properties). It must be a function of its row alone, so that reading an older file changes
    nothing in the graph."""

    @property
    def property_name(self) -> str:
        """The name of the property in the graph."""
        return self.alias or self.name

    @property
    def is_time(self) -> bool:
        """Whether it is a time or a list of times."""
        return self.type.startswith("TIMESTAMP")


def _url(place: str) -> str:
    return (
        f"CASE WHEN status <> 'absent' AND NOT regexp_matches(id, '{STAND_IN}')"
        f" THEN 'https://huggingface.co/{place}' || replace(url_encode(id), '%2F', '/') END"
    )


# For drawings, which can show a property as it is and nothing else.
_SHORT_NAME = "coalesce(nullif(split_part(id, '/', -1), ''), id)"
_MODEL_REMARK = "CASE WHEN status <> 'listed' THEN status END"
_LINK_REMARK = "CASE WHEN status = 'withdrawn' THEN status WHEN sources = ['inferred'] THEN 'inferred' END"

MODEL = (
    Column("key", "VARCHAR",
           "the Hub's immutable `_id`; for a name that no listing ever held, `absent:` and the name in lower case", ("_id",)),
    Column("id", "VARCHAR", "the current name on the Hub; of an absent model, the first spelling seen", ("id",)),
    Column("id_lower", "VARCHAR", "`id` in lower case, to find names whatever their case"),
    Column("hub_id", "VARCHAR",
           "the Hub's `_id`, where it is known; an absent model has it where the Hub named it in `baseModels`"),
    Column("status", "VARCHAR", "listed; gone (deleted or private); or absent (named by other models, never listed)"),
    Column("gone_reason", "VARCHAR", "of a gone model: deleted_or_private where the Hub confirmed it, else unknown"),
    Column("owner", "VARCHAR", "the publisher: the part of `id` before the slash, else the Hub's `author`", ("id", "author")),
    Column("created_at", "TIMESTAMP", "when the repository was made", ("createdAt",)),
    Column("modified_at", "TIMESTAMP", "when the repository was last modified", ("lastModified",)),
    Column("revision", "VARCHAR", "the newest commit of the repository: every edit changes it, also one of the card", ("sha",)),
    Column("first_seen", "TIMESTAMP", "the first crawl that found the model named anywhere"),
    Column("listed_at", "TIMESTAMP", "the first crawl that found it in the listing"),
    Column("gone_at", "TIMESTAMP", "of a gone model: the crawl that retired it"),
    Column("absences", "TIMESTAMP[]", "times at which it went and came back, in turn: from, until, from, until …"),
    Column("downloads", "BIGINT", "downloads in the last 30 days, refreshed weekly by default", ("downloads",), compared=False),
    Column("likes", "BIGINT", "likes, refreshed with `downloads`", ("likes",), compared=False),
    Column("gated", "VARCHAR", "false (open), or how access is granted: auto or manual", ("gated",)),
    Column("disabled", "BOOLEAN", "whether the Hub has disabled the repository", ("disabled",)),
    Column("pipeline_tag", "VARCHAR", "the task, as in text-generation", ("pipeline_tag",)),
    Column("library", "VARCHAR", "the library it is made for, as in transformers", ("library_name",)),
    Column("licenses", "VARCHAR[]", "the declared licences, by the Hub's ids", ("cardData", "tags"), in_graph=False),
    Column("license", "VARCHAR", "the first declared licence; LICENSED_UNDER leads to all", value="licenses[1]", stored=False),
    Column("model_type", "VARCHAR", "the architecture family in `config.json`, as in mistral", ("config",)),
    Column("architectures", "VARCHAR[]",
           "the classes in `config.json`, as in MistralForCausalLM", ("config",), value="nullif(architectures, [])"),
    Column("parameters", "BIGINT",
           "the number of weights in the safetensors files, else in the GGUF file", ("safetensors", "gguf")),
    Column("weight_formats", "VARCHAR[]",
           "the formats of its weights, as in safetensors and gguf", ("tags", "gguf"), value="nullif(weight_formats, [])"),
    Column("languages", "VARCHAR[]", "the languages that its card names", ("cardData",), value="nullif(languages, [])"),
    Column("datasets", "STRUCT(id VARCHAR, sources VARCHAR[])[]",
           "the data sets it says it was trained on, and where it says so: TRAINED_ON", ("cardData", "tags"), in_graph=False),
    Column("papers", "VARCHAR[]",
           "the preprints and DOIs in its tags, as in arxiv:2310.06825", ("tags",), value="nullif(papers, [])"),
    Column("has_card", "BOOLEAN", "whether its card has metadata", ("cardData",)),
    Column("quantization", "VARCHAR",
           "the method in `config.json` by which its weights were quantized; unknown where it is not named", ("config",)),
    Column("gguf_architecture", "VARCHAR", "the architecture that its GGUF file names", ("gguf",), in_graph=False),
    Column("markers", "VARCHAR[]",
           "what tags, library and config show of how it was made: peft, mergekit",
           ("tags", "library_name", "config"), in_graph=False),
    Column("providers", "VARCHAR[]", "the inference providers that serve it through the Hub, as its listing names them",
           ("inferenceProviderMapping",), value="nullif(providers, [])"),
    Column("new_version", "VARCHAR", "the model that its card calls its new version", ("cardData",), in_graph=False),
    Column("fields", "BIGINT", "which of the requested fields its record carried, a bit for each", in_graph=False),
    Column("seen_at", "TIMESTAMP", "the last crawl that listed it", in_graph=False),
    Column("cycle", "VARCHAR", "of a model on a cycle of current links: the least key on that cycle"),
    Column("url", "VARCHAR", "its page on the Hub; an absent model has none, nor has one whose owner is forgotten",
           stored=False, value=_url("")),
    Column("short_name", "VARCHAR", "`id` without the owner: what a drawing shows",
           value=_SHORT_NAME, default=_SHORT_NAME, stored=False),
    Column("remark", "VARCHAR", "of a model that is not listed, its status: a drawing shows it before the name",
           value=_MODEL_REMARK, default=_MODEL_REMARK, stored=False),
)  # fmt: skip

DATASET = (
    Column("key", "VARCHAR",
           "the Hub's immutable `_id`; for a name that no listing held, `absent:` and the name in lower case", ("_id",)),
    Column("id", "VARCHAR", "the current name on the Hub; of an absent data set, as it is named", ("id",)),
    Column("id_lower", "VARCHAR", "`id` in lower case, to find names whatever their case"),
    Column("former_names", "VARCHAR[]", "names that it had before, or from which the Hub leads to it"),
    Column("status", "VARCHAR",
           "listed; gone (deleted or private); or absent (named, and in no listing that a crawl walked)", default="'absent'"),
    Column("gone_reason", "VARCHAR", "of a gone data set: deleted_or_private where the Hub confirmed it, else unknown"),
    Column("owner", "VARCHAR", "the publisher: the part of `id` before the slash, else the Hub's `author`", ("id", "author")),
    Column("created_at", "TIMESTAMP", "when the repository was made", ("createdAt",)),
    Column("modified_at", "TIMESTAMP", "when the repository was last modified", ("lastModified",)),
    Column("revision", "VARCHAR", "the newest commit of the repository", ("sha",)),
    Column("first_seen", "TIMESTAMP", "the first walk over the data sets that found it, listed or named by a data set"),
    Column("listed_at", "TIMESTAMP", "the first crawl that found it in the listing"),
    Column("gone_at", "TIMESTAMP", "of a gone data set: the crawl that retired it"),
    Column("absences", "TIMESTAMP[]", "times at which it went and came back, in turn: from, until, from, until …"),
    Column("downloads", "BIGINT", "downloads in the last 30 days, refreshed weekly by default", ("downloads",), compared=False),
    Column("likes", "BIGINT", "likes, refreshed with `downloads`", ("likes",), compared=False),
    Column("gated", "VARCHAR", "false (open), or how access is granted: auto or manual", ("gated",)),
    Column("disabled", "BOOLEAN", "whether the Hub has disabled it", ("disabled",)),
    Column("license", "VARCHAR",
           "the first declared licence; LICENSED_UNDER leads to all", ("cardData", "tags"), value="licenses[1]"),
    Column("languages", "VARCHAR[]", "the languages that its card names", ("cardData",), value="nullif(languages, [])"),
    Column("url", "VARCHAR", "its page on the Hub; an absent data set has none, nor has one whose owner is forgotten",
           value=_url("datasets/")),
)  # fmt: skip

LINK = (
    Column("child", "VARCHAR", "the key of the model that was derived", in_graph=False),
    Column("parent", "VARCHAR", "the key of the model it was derived from", in_graph=False),
    Column("relation", "VARCHAR",
           "how the child was made: copy, finetune, adapter, quantized, merge or unknown. Identical weight files make it "
           "copy; otherwise the most trusted source that names a relation decides"),
    Column("sources", "VARCHAR[]",
           "where the link comes from, most trusted first: "
           "hub, tag, card, adapter_config, files, card_text, imported:<name>; or inferred"),
    Column("certainty", "VARCHAR",
           "how sure the link is, by its sources: docs/words.md",
           default=CERTAINTY_SQL),
    Column("declared_as", "VARCHAR[]", "every spelling of the parent that was found"),
    Column("claims", "VARCHAR[]", "relations that other sources claim, as in card:merge"),
    Column("step", "VARCHAR", "the step of the resolution that found the parent: docs/lineage.md", alias="resolved_by"),
    Column("rule", "VARCHAR", "the rule that inferred the link or its relation"),
    Column("name_doubt", "VARCHAR", "why the name of the parent may mean another repository today: docs/lineage.md"),
    Column("status", "VARCHAR", "current; or withdrawn, where a listed child no longer declares it"),
    Column("first_seen", "TIMESTAMP", "the first crawl that found it"),
    Column("withdrawn_at", "TIMESTAMP", "of a withdrawn link: the crawl that no longer found it"),
    Column("absences", "TIMESTAMP[]", "times at which it was withdrawn and declared again, in turn"),
    Column("remark", "VARCHAR",
           "withdrawn; or inferred, where a rule alone says it: a drawing shows it before the relation",
           value=_LINK_REMARK, default=_LINK_REMARK, stored=False),
)  # fmt: skip

# A data set has no relation to its parents but that it is made from them.
DATASET_LINK = tuple(
    column
    for column in LINK
    if column.name in ("declared_as", "step", "name_doubt", "status", "first_seen", "withdrawn_at", "absences")
)

FORMER_NAME = (
    Column("id_lower", "VARCHAR", "the name in lower case"),
    Column("model", "VARCHAR", "the key of the model that bore it"),
    Column("id", "VARCHAR", "the name"),
    Column("since", "TIMESTAMP", "the first crawl that found the model under it, where a crawl did"),
    Column("until", "TIMESTAMP", "the first crawl that found the model under its next name, where a crawl did"),
    Column("origin", "VARCHAR",
           "how it was learned: rename (two crawls saw it), resolution or legacy (the Hub's `baseModels` showed it; "
           "legacy has no owner), redirect (the Hub leads from it to the model)",
           in_graph=False),
)  # fmt: skip

LICENSE = (
    Column("id", "VARCHAR", "the Hub's id"),
    Column("name", "VARCHAR", "its name"),
    Column("spdx", "VARCHAR", "its SPDX identifier, where it has one"),
    Column("family", "VARCHAR", "the kind of licence, as in permissive: docs/licences.md"),
    Column("commercial_use", "VARCHAR", "whether commercial use is allowed; unknown where the table of licences does not say"),
    Column("share_alike", "VARCHAR", "whether derived models must be shared under the same terms"),
    Column("use_restrictions", "VARCHAR", "whether it forbids certain uses"),
    Column("osi_approved", "VARCHAR",
           "whether the Open Source Initiative has approved it; unknown where its id names several texts"),
)  # fmt: skip

OWNER = (
    Column("name", "VARCHAR", "its name on the Hub"),
    Column("asked_at", "TIMESTAMP", "the last crawl that asked the Hub about it", in_graph=False),
    Column("status", "INTEGER", "the HTTP status of the Hub's last answer about it; 0: no answer", in_graph=False),
    Column("kind", "VARCHAR", "person or organisation, where the Hub was asked and knows it: docs/operations.md"),
    Column("verified", "BOOLEAN", "whether the Hub has verified the organisation, where it says so"),
)

FAMILY = (
    Column("key", "VARCHAR", "its kind and the key of its head"),
    Column("kind", "VARCHAR",
           "family: one of the largest or deepest sets of models that current links connect; followed: one of the "
           "models with the most descendants"),
    Column("head", "VARCHAR", "the key of the model with the most descendants; of kind followed, of that model", in_graph=False),
    Column("root", "VARCHAR", "the name of the head"),
    Column("size", "BIGINT", "how many models it has; of kind followed, how many descendants"),
    Column("depth", "BIGINT", "the steps of its longest chain; of kind followed, the distance of the furthest descendant"),
    Column("roots", "BIGINT", "how many of its models have no parent; kind family only"),
    Column("chain", "VARCHAR[]", "the keys of one longest chain, from its root; kind family only"),
)  # fmt: skip


def read_from(field: str) -> tuple[Column, ...]:
    """The columns of a model that are read from this field of the Hub's listing, alone or with others."""
    return tuple(column for column in MODEL if field in column.fields)


def stored(columns: tuple[Column, ...]) -> dict[str, str]:
    """The columns that a snapshot's table has, with their DuckDB types."""
    return {column.name: column.type for column in columns if column.stored}


def defaults(columns: tuple[Column, ...]) -> dict[str, str]:
    """The values of columns in files of earlier versions, where they are not null."""
    return {column.name: column.default for column in columns if column.default != "NULL"}

"""The sources of evidence for a link, and how certain each makes it. To add a source, add it to CERTAINTY.

| source | where it stands |
|---|---|
| hub | `baseModels`: the Hub's own resolution, with ids that never change |
| tag | `base_model:<name>` and `base_model:<relation>:<name>` |
| card | `cardData.base_model`, with `cardData.base_model_relation` |
| adapter_config | `config.peft.base_model_name_or_path` |
| inferred | nowhere: a rule on names or files concluded it |
"""

from collections.abc import Collection

from crawler.records import words

# Strongest first.
CERTAINTIES = tuple(words.CERTAINTIES)

# Each source with the certainty it gives, in order of belief: the first source that gives a relation decides it.
CERTAINTY = {
    "hub": "declared_by_hub",
    "tag": "declared_by_author",
    "card": "declared_by_author",
    "adapter_config": "observed_in_files",
    "inferred": "inferred",
}
SOURCES = tuple(CERTAINTY)

_RANK = {source: CERTAINTIES.index(certainty) for source, certainty in CERTAINTY.items()}
_OBSERVED = CERTAINTIES.index("observed_in_files")


def certainty_of(sources: Collection[str]) -> str:
    """The certainty of a link with these sources: that of its strongest one.

    Where a rule added something to what was declared (`inferred` beside other sources), the relation was read from
    files, so the link is at most observed_in_files.
    """
    rank = min((_RANK[source] for source in sources if source in _RANK), default=len(CERTAINTIES) - 1)
    if "inferred" in sources and len(sources) > 1:
        rank = max(rank, _OBSERVED)
    return CERTAINTIES[rank]


# The same in SQL, of a column `sources`; a list of DuckDB counts from 1.
CERTAINTY_SQL = f"""list_extract({list(CERTAINTIES)}, 1 + greatest(
    coalesce(list_min(list_transform(sources, lambda s: CASE s
        {" ".join(f"WHEN '{source}' THEN {rank}" for source, rank in _RANK.items())} END)), {len(CERTAINTIES) - 1}),
    CASE WHEN list_contains(sources, 'inferred') AND len(sources) > 1 THEN {_OBSERVED} ELSE 0 END))"""

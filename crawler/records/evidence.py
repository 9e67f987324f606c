"""The sources of evidence for a link, and how certain each makes it. To add a source, add it to CERTAINTY.

| source | where it stands |
|---|---|
| hub | `baseModels`: the Hub's own resolution, with ids that never change |
| tag | `base_model:<name>` and `base_model:<relation>:<name>` |
| card | `cardData.base_model`, with `cardData.base_model_relation` |
| adapter_config | `config.peft.base_model_name_or_path` |
| files | nowhere: both models hold the same weight files |
| card_text | a sentence in the text of the card |
| imported:*name* | the findings of others, imported under that name |
| inferred | nowhere: a rule on names or files concluded it |
"""

from collections.abc import Collection

from crawler.records import words

# Strongest first.
CERTAINTIES = tuple(words.CERTAINTIES)

# The sources that the child's own record declares. A link that loses the last of them counts as a withdrawal.
DECLARED = ("hub", "tag", "card", "adapter_config")
IMPORTED = "imported:"
# Each source with the certainty it gives, in order of belief: the first source that gives a relation decides it, but for
# files: identical ones are a copy, whatever anybody says.
CERTAINTY = {
    "hub": "declared_by_hub",
    "tag": "declared_by_author",
    "card": "declared_by_author",
    "adapter_config": "observed_in_files",
    "files": "observed_in_files",
    "card_text": "said_in_text",
    IMPORTED: "imported",
    "inferred": "inferred",
}

_RANK = {source: CERTAINTIES.index(certainty) for source, certainty in CERTAINTY.items()}
_OBSERVED = CERTAINTIES.index("observed_in_files")
# A sentence that a tool wrote says what the author ran.
_GENERATED = CERTAINTIES.index("declared_by_author")


def all_sources(imports: Collection[str] = ()) -> list[str]:
    """Every source, in order of belief, with one for each import of these names."""
    sources: list[str] = []
    for source in CERTAINTY:
        sources += [IMPORTED + name for name in sorted(imports)] if source == IMPORTED else [source]
    return sources


# Those that are no import.
SOURCES = tuple(all_sources())


def certainty_of(sources: Collection[str], *, generated: bool = False) -> str:
    """The certainty of a link with these sources: that of its strongest one.

    `generated` says that a tool wrote the sentence of `card_text`. Where a rule added something to what was declared
    (`inferred` beside other sources), the relation was read from files, so the link is at most observed_in_files.
    """
    ranks = _RANK | ({"card_text": _GENERATED} if generated else {})
    rank = min((ranks[_kind(source)] for source in sources if _kind(source) in ranks), default=len(CERTAINTIES) - 1)
    if "inferred" in sources and len(sources) > 1:
        rank = max(rank, _OBSERVED)
    return CERTAINTIES[rank]


def _kind(source: str) -> str:
    return IMPORTED if source.startswith(IMPORTED) else source


def certainty_sql(generated: str = "false") -> str:
    """The same in SQL, of a column `sources`. A list of DuckDB counts from 1."""
    ranks = _RANK | {"card_text": f"CASE WHEN {generated} THEN {_GENERATED} ELSE {_RANK['card_text']} END"}
    cases = " ".join(
        f"WHEN s LIKE '{source}%' THEN {rank}" if source == IMPORTED else f"WHEN s = '{source}' THEN {rank}"
        for source, rank in ranks.items()
    )
    return f"""list_extract({list(CERTAINTIES)}, 1 + greatest(
    coalesce(list_min(list_transform(sources, lambda s: CASE {cases} END)), {len(CERTAINTIES) - 1}),
    CASE WHEN list_contains(sources, 'inferred') AND len(sources) > 1 THEN {_OBSERVED} ELSE 0 END))"""


CERTAINTY_SQL = certainty_sql()

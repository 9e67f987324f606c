"""docs/query-tables.md: the columns, the order and the default for withdrawn links of every saved query."""

import re
from collections.abc import Iterator

from crawler.answers import checks, library
from crawler.answers.library import SavedQuery
from crawler.resources import shipped

_LISTED, _GONE = "status <> 'listed'", "status <> 'gone'"
# What some terms mean that are no columns.
_WORDS = {
    "rank": "strongest class first",
    "direction <> 'self'": "self first",
    "direction <> 'upstream'": "upstream before downstream",
    "NOT here": "listed first",
    "coalesce(owner, key)": "`key` where there is no owner",
}


def page() -> str:
    """The whole page."""
    parts = [
        "# The saved queries in one table\n",
        "<!-- Made by `make reference`: change a query, then run it. -->\n",
        "The rows of every answer are in a fixed order, the important first; so a limit keeps the important rows. The last",
        "item of an order tells any two rows apart. ↓ means the largest or newest first; an empty value counts as 0.",
        "[queries/README.md](../queries/README.md) says what each column means.\n",
        "A link is withdrawn when its child is still listed and no longer declares it. The last column says whether such links",
        "are left out or included until `include_withdrawn` says otherwise. Without that parameter they are never used, or the",
        "query's text says what counts.",
    ]
    for topic, members in library.load(shipped("queries")).by_topic().items():
        parts.append(f"\n## {topic}/\n\n| query | columns | order | withdrawn links |\n|---|---|---|---|")
        parts += map(_row, members)
    return "\n".join(parts) + "\n"


def _row(query: SavedQuery) -> str:
    columns = ", ".join(f"`{column.name}`" for column in query.columns)
    return f"| `{query.name}` | {columns} | {', '.join(_in_words(query))} | {_withdrawn(query)} |"


def _withdrawn(query: SavedQuery) -> str:
    for parameter in query.parameters:
        if parameter.name == "include_withdrawn":
            return "included" if parameter.default else "left out"
    return "never used" if "status = 'current'" in query.statement else "no parameter"


def _in_words(query: SavedQuery) -> Iterator[str]:
    terms = order(query)
    for term in terms:
        if term == _LISTED and _GONE in terms:
            yield "listed before gone before absent"
        elif term in _WORDS:
            yield _WORDS[term]
        elif term == _LISTED:
            yield "listed before gone"
        elif term != _GONE:
            yield f"`{term.removesuffix(' DESC')}`" + (" ↓" if term.endswith(" DESC") else "")


def order(query: SavedQuery) -> list[str]:
    """The terms of the query's last ORDER BY: names without their variables, DESC behind those that sort downwards."""
    bare = checks.bare(query.statement)
    start = [match.end() for match in re.finditer(r"\bORDER BY\b", bare)][-1]
    end = re.compile(r"\bLIMIT\b|$").search(bare, start)
    text = query.statement[start : end.start() if end else None]
    found = []
    for term in re.split(r",(?![^(]*\))", " ".join(text.split())):
        name, downwards = term.strip().removesuffix(" DESC"), term.endswith(" DESC")
        known = re.search(rf"(coalesce\([^()]*\)|[\w.]+) AS {re.escape(name)}\b", query.statement)
        if name not in {column.name for column in query.columns} and known:
            name = known[1]
        name = re.sub(r"coalesce\(([\w.]+), 0\)", r"\1", name)
        found.append(re.sub(r"\b\w+\.(?=\w)", "", name) + (" DESC" if downwards else ""))
    return found

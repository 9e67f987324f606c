"""The format of a query file, and what is refused, with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import checks, library
from crawler.errors import HubGenealogyError, UsageError

GOOD = """\
// The models of an owner
//
// One row for each; what this does not say
// stands in a second line.
//
// @param owner string required — who publishes them
// @param limit integer default=null — the most rows to return; null: all
// @param kinds list<string> default=["a","b"] — kinds
//
// @returns id string — the model's name
// @returns children integer — how many are derived from it
// @empty — the owner has none
// @budget 2.5 s
//
// :param {owner: 'a: {b', limit: null, kinds: ['x']}

// A comment with a ; and $nothing, and CREATE.
MATCH (m:Model {owner: $owner}) WHERE m.id <> 'it''s; $no' AND m.kind IN $kinds
RETURN m.id AS id, COUNT { (m)<-[:DERIVED_FROM]-(x) } AS children
ORDER BY id
LIMIT toInteger(coalesce($limit, 9223372036854775807));
"""
PATH = Path("queries/owners/models.cypher")


def test_a_file_is_read_whole() -> None:
    query = library.parse(GOOD, PATH)
    assert (query.name, query.topic, query.title) == ("models", "owners", "The models of an owner")
    assert query.prose == "One row for each; what this does not say\nstands in a second line."
    assert [(p.name, p.type, p.required, p.default) for p in query.parameters] == [
        ("owner", "string", True, None),
        ("limit", "integer", False, None),
        ("kinds", "list<string>", False, ["a", "b"]),
    ]
    assert [(c.name, c.type) for c in query.columns] == [("id", "string"), ("children", "integer")]
    assert query.empty == "the owner has none"
    assert query.budget == 2.5
    assert query.example == "{owner: 'a: {b', limit: null, kinds: ['x']}"
    assert query.statement.endswith("LIMIT toInteger(coalesce($limit, 9223372036854775807))")
    assert query.text == GOOD


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("// The models of an owner", "//", 1, "first line"),
        ("// One row for each; what this does not say\n// stands in a second line.\n", "", 2, "prose"),
        ("owner string required", "owner text required", 6, "unknown type 'text'"),
        ("owner string required", "owner string", 6, "this line is written"),
        ("default=null", "default=none", 7, "the default 'none'"),
        ("@param limit integer", "@param owner integer", 7, "declared twice"),
        ("@returns children", "@return children", 11, "unknown mark '@return'; nearest: @returns"),
        ("// @empty — the owner has none\n", "", 14, "@empty"),
        ("// @budget 2.5 s\n", "", 14, "@budget"),
        ("@budget 2.5 s", "@budget soon", 13, "this line is written `// @budget 0.5 s`"),
        ("limit: null, ", "", 15, "it differs in limit"),
        ("@returns children integer", "@returns sons integer", 19, "id, children and not id, sons"),
        (
            "// @returns id string — the model's name\n// @returns children integer — how many are derived from it\n",
            "",
            13,
            "no column",
        ),
        ("AS children", "", 19, "a column needs a name"),
        ("m.kind IN $kinds", "true", 16, "$kinds is declared, but not used"),
        ("m.kind IN $kinds", "m.kind IN $kinds + $more", 18, "$more is used, but not declared"),
        ("ORDER BY id\n", "", 19, "no ORDER BY"),
        ("RETURN m.id AS id, COUNT", "WITH m, COUNT", 16, "no RETURN"),
        (";\n", "\n", None, "closed by a semicolon"),
        ("75807));", "75807)); MATCH (n) RETURN n ORDER BY n;", 21, "only one statement"),
        ("toInteger(coalesce($limit", "(coalesce($limit", 21, "write toInteger(…) around it"),
        ("MATCH (m", "MERGE (m", 18, "only reads; found MERGE"),
        ("\nORDER BY id", "\nORDER BY id SKIP 0 // fine\n", None, None),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH (m:Model {owner: $owner})-[:DERIVED_FROM*]->(y)",
            18,
            "must be bounded",
        ),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH (m:Model {owner: $owner})-[:DERIVED_FROM*1..]->(y)",
            18,
            "must be bounded",
        ),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH (m:Model {owner: $owner})-[:DERIVED_FROM*1..101]->(y)",
            18,
            "must be bounded",
        ),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH (m:Model {owner: $owner})-[:DERIVED_FROM]->+(y)",
            18,
            "without a bound",
        ),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH (m:Model {owner: $owner})-[:DERIVED_FROM]->{1,}(y)",
            18,
            "without a bound",
        ),
        ("MATCH (m:Model {owner: $owner})", "MATCH (m:Model {owner: $owner}) ((a)-->(b))+ (y)", 18, "without a bound"),
        (
            "MATCH (m:Model {owner: $owner})",
            "MATCH p = allShortestPaths((m:Model {owner: $owner})-[*1..9]->(y))",
            18,
            "never ends",
        ),
        ("MATCH (m:Model {owner: $owner})", "MATCH (m:Model {owner: $owner})-[r:X*1..9]->(y)", None, None),
        ("m.kind IN $kinds", "m.set IN $kinds AND m.n > 2 * (3 + 4)", None, None),
        ("m.kind IN $kinds", "m.kind IN $kinds AND size(m.id) + 1 > 2 * size(m.id) * (1)", None, None),
    ],
)
def test_what_a_file_promises_is_compared_with_what_it_does(
    old: str,
    new: str,
    line: int | None,
    message: str | None,
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1) if old != ";\n" else GOOD.removesuffix(";\n") + "\n"
    if message is None:
        library.parse(text, PATH)
        return
    with pytest.raises(HubGenealogyError) as caught:
        library.parse(text, PATH)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{PATH}:{line if line is not None else ''}")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("// The models", "// \x1b]0;title\x07The models", 1),
        ("One row for each", "One row\u200b for each", 3),
        ("the model's name", "the model's \u202eeman", 10),
        ("it''s", "it\x9bs", 18),
    ],
)
def test_a_file_steers_no_terminal_and_hides_nothing(old: str, new: str, line: int) -> None:
    with pytest.raises(
        HubGenealogyError, match=rf"models\.cypher:{line}: U\+[0-9A-F]{{4}} steers a terminal or cannot"
    ):
        library.parse(GOOD.replace(old, new, 1), PATH)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "topic" / "broken.cypher"
    path.parent.mkdir()
    path.write_bytes(b"// \xff\xfe")
    with pytest.raises(HubGenealogyError, match=r"broken\.cypher: cannot be read"):
        library.load(tmp_path)


def test_two_queries_cannot_share_a_name(tmp_path: Path) -> None:
    for topic in ("one", "two"):
        (tmp_path / topic).mkdir()
        (tmp_path / topic / "models.cypher").write_text(GOOD, encoding="utf-8")
    with pytest.raises(
        HubGenealogyError, match=r"two/models\.cypher:1: the name 'models' is taken by .*one/models\.cypher"
    ):
        library.load(tmp_path)


def test_an_unknown_query_is_answered_with_the_nearest() -> None:
    queries = library.Library()
    queries.add(library.parse(GOOD, PATH))
    assert queries.find("models").title == "The models of an owner"
    with pytest.raises(UsageError, match="unknown query 'model'; nearest: models"):
        queries.find("model")
    with pytest.raises(UsageError, match="--list"):
        queries.find("zzz")


@given(st.text(alphabet="ab'\"\\/*\n;$ ", max_size=60))
def test_blanking_keeps_every_place(text: str) -> None:
    blanked = checks.bare(text)
    assert len(blanked) == len(text)
    assert [i for i, c in enumerate(blanked) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]
    assert all(new in {old, " "} for old, new in zip(text, blanked, strict=True))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        library.parse(text, PATH)
    except HubGenealogyError as error:
        assert str(error).startswith(f"{PATH}:")  # noqa: PT017 - most texts are refused, and any way of refusing is fine

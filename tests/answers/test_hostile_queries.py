"""Statements that hide what they do from the check of a saved query, and those that only want to keep it busy."""

import time

import pytest

from crawler.answers import checks
from crawler.answers.checks import StatementError


def refused(body: str) -> str:
    """Why a statement with this in its middle is refused."""
    with pytest.raises(StatementError) as caught:
        checks.check(f"MATCH (m)\n{body}\nRETURN m ORDER BY m;", (), ["m"])
    assert caught.value.line == 2
    return str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "LO\\u0041D CSV FROM 'file:///x' AS row",
        "\\u004c\\u004F\\u0041\\u0044 CSV FROM 'file:///x' AS row",
        "LOAD\\u0020CSV FROM 'file:///x' AS row",
        "WITH m, '\\u0027 AS x LOAD CSV FROM 'file:///x' AS row WITH m, '\\u0027' AS y",
        "// \\u000a LOAD CSV FROM 'file:///x' AS row",
        "WITH m, `\\u0060 AS x SET m.x = 1",
    ],
)
def test_an_escape_hides_nothing(body: str) -> None:
    assert refused(body).startswith("write the character itself instead of \\u00")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("load/* */csv FROM 'x' AS row", "load csv"),
        ("LOAD // x\rCSV FROM 'x' AS row", "LOAD CSV"),
        ("// x\rSET m.x = 1", "SET"),
        ("WITH m, 1 AS `'` LOAD CSV FROM 'x' AS `'`", "LOAD CSV"),
        ("WITH m, 1 AS `//` SET m.x = 1", "SET"),
        ("WITH m AS `m`SET m.x = 1", "SET"),
        ("WITH m AS `a``'`SET m.x = '`'", "SET"),
        ("CALL { LOAD CSV FROM 'x' AS row RETURN row }", "LOAD CSV"),
        ("CALL (m) { INSERT (:A) }", "INSERT"),
        ("USE other", "USE"),
        ("TERMINATE TRANSACTIONS 'x'", "TERMINATE"),
        ("CALL (m) { RETURN 1 AS x } IN $n CONCURRENT TRANSACTIONS", "IN $n CONCURRENT TRANSACTIONS"),
    ],
)
def test_a_forbidden_clause_is_found_wherever_it_stands(body: str, found: str) -> None:
    assert refused(body) == f"a saved query only reads; found {found}"


@pytest.mark.parametrize(
    "body",
    [
        "CALL apoc.load.json('file:///x') YIELD value",
        "CALL apoc . load.csv('http://x') YIELD value",
        "CALL/**/dbms.listConfig() YIELD name",
        "CALL `apoc`.`load`.`json`('x') YIELD value",
        "OPTIONAL CALL db.clearQueryCaches() YIELD value",
        "CALL apoc.load.jsonArray",
    ],
)
def test_no_procedure_of_others_is_called(body: str) -> None:
    assert refused(body).startswith("a saved query calls no procedures but those of db.index and db.schema; found CALL")


@pytest.mark.parametrize("name", ["apoc.cypher.runFirstColumnSingle", "apoc. load . it", "`apoc`.x", "date2.x"])
def test_no_function_of_others_is_called(name: str) -> None:
    assert refused(f"WITH m, {name} ('LOAD CSV …', {{}}) AS x").startswith("a saved query calls Neo4j's own functions")


@pytest.mark.parametrize("character", ["\u00a0", "\u2003", "\u2028", "\u2013", "\u3009", "\u200b", "\x00", "\x1c"])
def test_a_space_or_dash_of_another_script_stands_in_texts_only(character: str) -> None:
    assert "may only stand in a text or a comment" in refused(f"MATCH (m)-[:X]-{character}+(b)")
    checks.check(f"MATCH (m) WHERE m.x <> '{character}' // {character}\nRETURN m ORDER BY m;", (), ["m"])


@pytest.mark.parametrize(
    "body",
    [
        "WHERE m.path =~ '.*[\\\\]x' AND m.`LOAD CSV` = 1 AND m.é = 'é'",
        "WHERE point.distance(m.a, m.b) < 1.5 AND date.truncate('day', m.at) IN [1..2]",
        "CALL db.index.fulltext.queryNodes('names', 'x') YIELD node",
        "CALL (m) { RETURN 1 AS x }",
        "CALL { WITH 1 AS y RETURN y }",
        "WHERE m.`it's` = 1 OR m.load = m.csv",
    ],
)
def test_what_only_looks_like_it_is_accepted(body: str) -> None:
    checks.check(f"MATCH (m)\n{body}\nRETURN m ORDER BY m;", (), ["m"])


def test_a_link_without_direction_needs_a_bound_too() -> None:
    assert "without a bound" in refused("MATCH (m)-[:X]-+(b)")


def test_a_bound_of_thousands_of_digits_is_no_bound() -> None:
    assert "must be bounded" in refused(f"MATCH (m)-[:X*1..{'9' * 5000}]->(b)")


def seconds(statement: str) -> float:
    """What a check costs this process, at best."""
    best = []
    for _ in range(3):
        began = time.process_time()
        with pytest.raises(StatementError):
            checks.check(statement, (), ["m"])
        best.append(time.process_time() - began)
    return min(best)


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        ("", "/*"),
        ("", "'\\"),
        ("", '"\\'),
        ("", "`a``"),
        ("", "LIMIT "),
        ("LIMIT", " "),
        ("{", " "),
        ("", "IN 1 "),
        ("", "LOAD "),
        ("", "CALL (`a`."),
        ("", "a. "),
        ("", "[*"),
        ("[*", "1"),
        ("[*", " "),
        ("RETURN ", "a AS "),
    ],
)
def test_the_time_of_a_check_grows_with_the_text_and_no_faster(before: str, repeated: str) -> None:
    """Eight times the text: eight times as long, where a check that goes over it again and again takes 64 times as long."""
    short, long = (f"MATCH (m) {before}{repeated * size};" for size in (4_000, 32_000))
    assert seconds(long) < 24 * max(seconds(short), 0.001)

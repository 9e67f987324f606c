"""Clauses that many query files repeat, since each file must be readable alone: every copy has the same wording.

The statements that draw repeat them too.
"""

import re

import pytest

from crawler.exports.favourites import PICTURES
from crawler.records.naming import CYPHER_ORDER
from tests.support.lineage_graph import LIBRARY

# In all of these, VAR stands for a variable of any name.
#
# One model of those that a name can mean: listed before gone before absent, then the newest.
CHOICE = f" ORDER BY {CYPHER_ORDER.replace('m.', 'VAR.').replace('$model', '$NAME')} LIMIT 1"
AT = (
    "CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')"
    " ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at"
)
KIND = "($kind IS NULL OR VAR.relation IN $kind)"
ALONG = "($along IS NULL OR VAR.relation IN $along)"
NOT_AWAY = "coalesce(size([t IN VAR.absences WHERE t <= at]) % 2 = 0, true)"
DECLARED = f"coalesce(VAR.withdrawn_at > at, true) AND {NOT_AWAY}"
FORMS = (
    # A link that holds at the time.
    f"CASE WHEN $as_of IS NULL THEN VAR.status = 'current' ELSE VAR.first_seen <= at AND {DECLARED} END",
    (
        "CASE WHEN $as_of IS NULL THEN $include_withdrawn OR VAR.status = 'current'"
        f" ELSE VAR.first_seen <= at AND ($include_withdrawn OR {DECLARED}) END"
    ),
    # The same in a search of its own for withdrawn links, where `withdrawn` says whether they count in it.
    (
        "CASE WHEN $as_of IS NULL THEN withdrawn OR VAR.status = 'current'"
        f" ELSE VAR.first_seen <= at AND (withdrawn OR {DECLARED}) END"
    ),
    # The same in drawings, which show few links.
    f"VAR.first_seen <= at AND {ALONG} AND ($include_withdrawn OR {DECLARED})",
    f"VAR.first_seen <= at AND {KIND} AND {ALONG} AND ($include_withdrawn OR {DECLARED})",
    f"VAR.first_seen <= at AND {ALONG} AND (withdrawn OR {DECLARED})",
    # Whether a link is withdrawn.
    f"CASE WHEN $as_of IS NULL THEN VAR.status = 'withdrawn' ELSE NOT ({DECLARED}) END",
    f"NOT ({DECLARED})",
    # The same, where a withdrawn link is shown as such.
    (
        f"VAR.first_seen <= at AND {KIND} AND {ALONG}"
        f" WITH x, VAR, at, {DECLARED} AS declared WHERE declared OR $include_withdrawn"
    ),
    f"CASE WHEN {DECLARED} THEN 'current' ELSE 'withdrawn' END AS link_status",
    # The status of a model at the time.
    (
        "CASE WHEN $as_of IS NULL THEN VAR.status WHEN NOT coalesce(VAR.listed_at <= at, false) THEN 'absent'"
        " WHEN VAR.gone_at <= at OR size([t IN VAR.absences WHERE t <= at]) % 2 = 1 THEN 'gone' ELSE 'listed' END"
    ),
    (
        "CASE WHEN $as_of IS NULL THEN VAR.status = 'listed'"
        f" ELSE VAR.listed_at <= at AND coalesce(VAR.gone_at > at, true) AND {NOT_AWAY} END"
    ),
    (
        "CASE WHEN $as_of IS NULL THEN VAR.status = 'gone' ELSE VAR.listed_at <= at AND (coalesce(VAR.gone_at <= at, false)"
        " OR coalesce(size([t IN VAR.absences WHERE t <= at]) % 2 = 1, false)) END"
    ),
    "CASE WHEN $as_of IS NULL THEN VAR.status = 'absent' ELSE NOT coalesce(VAR.listed_at <= at, false) END",
    # Since when a model is gone, and whether a crawl had seen its name.
    "coalesce([t IN VAR.absences WHERE t <= at][-1], VAR.gone_at) AS gone_at",
    "coalesce(VAR.first_seen <= at, true)",
)
# What only a form may compare or read.
OF_A_TIME = re.compile(r"\w+\.(?:first_seen|listed_at|gone_at|withdrawn_at)\s*[<>=]|\w+\.absences")


def one_line(statement: str) -> str:
    """The statement on one line, without comments."""
    return " ".join(re.sub(r"(?<!:)//[^\n]*", "", statement).split())


TEXTS = {name: one_line(query.statement) for name, query in LIBRARY.items()} | {
    f"{path.stem}, drawn": one_line(path.read_text(encoding="utf-8")) for path in sorted(PICTURES.glob("*.cypher"))
}


def pattern(form: str) -> str:
    """The regular expression that finds a form."""
    return re.escape(form).replace("VAR", r"\b(?P<v>\w+)", 1).replace("VAR", "(?P=v)")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_name_is_one_model_by_the_same_rule_in_every_query(text: str) -> None:
    for name in {"model", "other"} & set(re.findall(r"\$(\w+)", text)):
        looked_up = re.findall(rf"MATCH \((\w+):Model\) WHERE \1\.id = \${name} OR \1\.key = \${name}\b", text)
        chosen = re.findall(pattern(CHOICE.replace("NAME", name)), text)
        assert looked_up == chosen != []
        assert len(re.findall(rf"\${name}\b(?! IS)", text)) == 3 * len(chosen)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_as_of_is_read_in_the_same_words_by_every_query(text: str) -> None:
    takes_it = "$as_of" in text
    assert text.count(AT) == (1 if takes_it else 0)
    assert len(re.findall(r"\$as_of\b(?! IS)", text)) == (3 if takes_it else 0)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "changed_since"])
def test_what_held_at_a_time_is_asked_in_one_of_few_forms(name: str) -> None:
    rest = TEXTS[name]
    for form in FORMS:
        rest = re.sub(pattern(form), "", rest)
    assert OF_A_TIME.findall(rest) == []


def test_every_form_is_used() -> None:
    assert [form for form in FORMS if not any(re.search(pattern(form), text) for text in TEXTS.values())] == []

"""Parents that the texts of cards name: a source of its own, beside what is declared, without circles."""

from crawler.cards.said import Said
from tests.support.sweeps import Rows, Sweeps, at, child, record

PARENT = record("k1", "org/parent")
CHILD = record("k2", "org/child")
RULES = ("text:trainer", "text:fine_tuned_from")
TOOL = Said("org/parent", "trainer", "finetune", generated=True)
HAND = Said("org/parent", "fine_tuned_from", "finetune", generated=False)


def links(hub: Sweeps) -> Rows:
    return hub.rows("edges", "child", "parent", "relation", "sources", "certainty", "rule", "status")


def test_a_sentence_of_a_tool_is_the_authors_declaration_and_a_hand_written_one_is_said_in_text(hub: Sweeps) -> None:
    other = record("k3", "org/other")
    hub.sweep([PARENT, CHILD, other], rules=RULES, cards={"k2": [TOOL], "k3": [HAND]})
    assert links(hub) == {
        ("k2", "k1", "finetune", ("card_text",), "declared_by_author", "text:trainer", "current"),
        ("k3", "k1", "finetune", ("card_text",), "said_in_text", "text:fine_tuned_from", "current"),
    }


def test_what_a_card_said_stays_until_it_is_read_again(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], rules=RULES, cards={"k2": [TOOL]})
    hub.sweep([PARENT, CHILD], rules=RULES)
    assert (len(hub.rows("said", "child")), hub.changes.rows_written) == (1, 0)
    hub.sweep([PARENT, CHILD], rules=RULES, cards={"k2": []}, max_withdrawn_share=0.0)
    assert hub.rows("said", "child") == set()
    assert hub.rows("edges", "status", "withdrawn_at") == {("withdrawn", at(3))}
    hub.sweep([PARENT, CHILD], rules=RULES, cards={"k2": [TOOL]})
    assert hub.rows("edges", "status", "absences") == {("current", (at(3), at(4)))}


def test_a_rule_that_is_off_makes_no_link_and_its_sentence_is_kept(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], rules=("text:trainer",), cards={"k2": [HAND]})
    assert (hub.rows("edges", "child"), hub.rows("said", "child", "rule")) == (set(), {("k2", "fine_tuned_from")})


def test_a_declared_parent_stays_declared_and_the_text_adds_evidence(hub: Sweeps) -> None:
    declares = child("k2", "org/child", "org/parent", card_base_model_relation="merge")
    hub.sweep([PARENT, declares], rules=RULES, cards={"k2": [HAND]})
    assert links(hub) == {
        ("k2", "k1", "merge", ("card", "card_text"), "declared_by_author", "text:fine_tuned_from", "current")
    }
    assert hub.rows("edges", "claims") == {(("card_text:finetune",),)}


def test_a_text_that_differs_stands_beside_what_is_declared(hub: Sweeps) -> None:
    hub.sweep([PARENT, child("k2", "org/child", "org/lost")], rules=RULES, cards={"k2": [TOOL]})
    assert hub.rows("edges", "parent", "sources") == {("absent:org/lost", ("card",)), ("k1", ("card_text",))}


def test_a_text_that_names_its_own_model_by_a_former_name_makes_no_link(hub: Sweeps) -> None:
    hub.sweep([record("k2", "org/old")], rules=RULES)
    hub.sweep([CHILD], rules=RULES, cards={"k2": [Said("org/old", "trainer", "finetune", generated=True)]})
    assert hub.rows("edges", "child") == set()
    assert hub.rows("rejected", "model", "field", "value", "reason") == {("k2", "card_text", "org/old", "itself")}


def test_a_text_that_names_a_declared_child_closes_no_circle(hub: Sweeps) -> None:
    middle, last = child("k2", "org/child", "org/parent"), child("k3", "org/last", "org/child")
    for _night in range(2):
        hub.sweep(
            [PARENT, middle, last],
            rules=RULES,
            cards={"k1": [Said("org/last", "fine_tuned_from", "finetune", generated=False)]},
        )
        assert hub.rows("edges", "child", "parent") == {("k2", "k1"), ("k3", "k2")}
        assert hub.rows("rejected", "model", "field", "value", "reason") == {
            ("k1", "card_text", "org/last", "circular")
        }


def test_two_texts_that_name_each_others_models_are_both_dropped(hub: Sweeps) -> None:
    back = Said("org/child", "fine_tuned_from", "finetune", generated=False)
    hub.sweep([PARENT, CHILD], rules=RULES, cards={"k2": [HAND], "k1": [back]})
    assert hub.rows("edges", "child") == set()


def test_a_link_of_a_text_ends_where_its_parent_now_declares_the_child(hub: Sweeps) -> None:
    hub.sweep([PARENT, CHILD], rules=RULES, cards={"k2": [HAND]})
    hub.sweep([child("k1", "org/parent", "org/child"), CHILD], rules=RULES)
    assert hub.rows("edges", "child", "parent", "status") == {("k1", "k2", "current"), ("k2", "k1", "withdrawn")}
    hub.sweep([child("k1", "org/parent", "org/child"), CHILD], rules=RULES)
    assert hub.changes.rows_written == 0

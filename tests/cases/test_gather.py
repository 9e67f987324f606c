"""Which models a case concerns, from members and links alone."""

from datetime import UTC, datetime

from crawler.cases.form import Facts
from crawler.cases.gather import facts
from crawler.relatives.model import Link, Member

SEEN = datetime(2025, 1, 1, tzinfo=UTC)


def link(child: str, parent: str, relation: str = "finetune", *, withdrawn: bool = False) -> Link:
    return Link(child, parent, relation, "declared_by_hub", withdrawn=withdrawn, first_seen=SEEN)


def member(key: str, status: str = "listed") -> Member:
    return Member(key, f"owner/{key.lower()}", status, owner="owner", gated="false", revision=f"r-{key}")


def test_each_model_has_its_best_way_its_revision_and_its_declared_parents() -> None:
    members = {key: member(key) for key in "BST"} | {"W": member("W", "gone")}
    links = [
        link("S", "B", "quantized"),
        link("T", "S"),
        link("T", "B", "merge"),
        link("W", "B", withdrawn=True),
        link("T", "T"),
    ]
    assert facts(members, links, ["B"], "itself") == [
        Facts("B", "owner/b", "itself", None, "current", 0, "listed", "owner", "false", "r-B", ()),
        Facts(
            "S", "owner/s", "same_weights", "declared_by_hub", "current", 1, "listed", "owner", "false", "r-S", ("B",)
        ),
        Facts(
            "T", "owner/t", "retrained", "declared_by_hub", "current", 2, "listed", "owner", "false", "r-T", ("B", "S")
        ),
        Facts("W", "owner/w", "retrained", "declared_by_hub", "withdrawn", 1, "gone", "owner", "false", "r-W", ()),
    ]


def test_models_that_name_a_data_set_stand_for_themselves_also_where_one_descends_from_another() -> None:
    found = facts({key: member(key) for key in "ABC"}, [link("B", "A"), link("C", "B")], ["A", "B"], "trained_on")
    assert {(one.id, one.klass, one.depth, one.parents) for one in found} == {
        ("owner/a", "trained_on", 0, ()),
        ("owner/b", "trained_on", 0, ("A",)),
        ("owner/c", "retrained", 1, ("B",)),
    }

"""Models whose weight files are identical: the newer is a copy of the oldest, whatever is declared, without circles."""

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cards.said import Said
from crawler.findings import Finding
from crawler.hub.archive import Detail, DetailAnswer
from crawler.questions.question import FILES
from crawler.records.evidence import DECLARED, all_sources
from crawler.records.weights import SET_SQL, WeightFile
from crawler.snapshot.scripts import run, set_variables
from tests.support.sweeps import Rows, Sweeps, at, child, record, resolved

OLD = record("k1", "org/old", createdAt="2024-01-01T00:00:00.000Z")
NEW = record("k2", "org/new", createdAt="2024-02-01T00:00:00.000Z")
NEWEST = record("k3", "org/newest", createdAt="2024-03-01T00:00:00.000Z")
SIZE = 1 << 30
TEXTS = ("text:fine_tuned_from",)


def weights(*contents: str, of: str = "model-{}.safetensors") -> list[WeightFile]:
    """A file for each content, numbered in this order."""
    return [
        WeightFile(of.format(number), SIZE, content.encode().hex().zfill(64))
        for number, content in enumerate(contents, start=1)
    ]


def links(hub: Sweeps) -> Rows:
    return hub.rows("edges", "child", "parent", "relation", "sources", "certainty", "status")


def copy(newer: str, older: str, status: str = "current") -> tuple[Any, ...]:
    return newer, older, "copy", ("files",), "observed_in_files", status


def test_the_newer_of_two_holders_is_a_copy_of_the_older(hub: Sweeps) -> None:
    hub.sweep([OLD, NEW], files={"k1": weights("a"), "k2": weights("a")})
    assert links(hub) == {copy("k2", "k1")}
    assert hub.rows("edges", "declared_as", "claims", "step", "rule") == {(None, None, None, None)}
    hub.sweep([OLD, NEW])
    assert (links(hub), hub.changes.rows_written) == ({copy("k2", "k1")}, 0)


def test_age_is_the_date_of_creation_then_the_key(hub: Sweeps) -> None:
    same = [record(key, f"org/{key}", createdAt="2024-01-01T00:00:00.000Z") for key in ("k5", "k4")]
    undated = record("k0", "org/undated", createdAt=None)
    listed = [NEW, *same, undated]
    hub.sweep(listed, files={one["_id"]: weights("a") for one in listed})
    assert links(hub) == {copy("k5", "k4"), copy("k2", "k4"), copy("k0", "k4")}


def test_a_copy_that_was_created_before_its_original_is_taken_for_the_original(hub: Sweeps) -> None:
    """The date of creation is that of the repository: its weights may have come later."""
    original = record("k9", "org/original", createdAt="2024-06-01T00:00:00.000Z")
    hub.sweep([OLD, original], files={"k1": weights("a"), "k9": weights("a")})
    assert links(hub) == {copy("k9", "k1")}


def test_shards_in_another_order_and_files_of_other_names_are_the_same_set(hub: Sweeps) -> None:
    other = weights("b", "a", of="pytorch_model-{}.bin")
    hub.sweep([OLD, NEW], files={"k1": weights("a", "b"), "k2": other})
    assert links(hub) == {copy("k2", "k1")}


@pytest.mark.parametrize("held", [("a",), ("a", "b", "c"), ("a", "c"), ("c", "d"), ()])
def test_files_of_which_only_a_part_is_equal_make_no_link(hub: Sweeps, held: tuple[str, ...]) -> None:
    hub.sweep([OLD, NEW], files={"k1": weights("a", "b"), "k2": weights(*held)})
    assert links(hub) == set()
    assert len(hub.rows("weights", "model", "name")) == 2 + len(held)


def test_the_files_of_each_extension_are_a_set_of_their_own(hub: Sweeps) -> None:
    both = [*weights("a"), *weights("x", of="model.bin")]
    other = [*weights("c"), *weights("x", of="model.bin")]
    hub.sweep([OLD, NEW], files={"k1": both, "k2": other})
    assert links(hub) == {copy("k2", "k1")}


def test_each_model_in_gguf_is_a_set_of_its_own_with_its_shards(hub: Sweeps) -> None:
    collection = [
        *weights("q4", of="m.Q4.gguf"),
        *weights("1", "2", of="m.Q8-0000{}-of-00002.gguf"),
        *weights("q6", of="m.Q6.gguf"),
    ]
    hub.sweep(
        [OLD, NEW, NEWEST],
        files={
            "k1": collection,
            "k2": weights("2", "1", of="other-0000{}-of-00002.gguf"),
            "k3": weights("1", "3", of="part-0000{}-of-00002.gguf"),
        },
    )
    assert links(hub) == {copy("k2", "k1")}


def test_a_model_that_holds_two_sets_is_a_copy_of_the_oldest_holder_of_each(hub: Sweeps) -> None:
    files = {"k1": weights("a"), "k2": weights("x", of="m.bin"), "k3": [*weights("a"), *weights("x", of="m.bin")]}
    hub.sweep([OLD, NEW, NEWEST], files=files)
    assert links(hub) == {copy("k3", "k1"), copy("k3", "k2")}


def test_a_declared_parent_that_holds_the_set_gains_evidence_and_the_link_is_a_copy(hub: Sweeps) -> None:
    files = {"k1": weights("a"), "k2": weights("a"), "k3": weights("a")}
    declares = child("k3", "org/newest", "org/new", card_base_model_relation="finetune", createdAt=NEWEST["createdAt"])
    by_hub = NEW | {"baseModels": resolved("quantized", ("k1", "org/old"))}
    hub.sweep([OLD, by_hub, declares], files=files)
    assert links(hub) == {
        ("k3", "k2", "copy", ("card", "files"), "declared_by_author", "current"),
        ("k2", "k1", "copy", ("hub", "files"), "declared_by_hub", "current"),
    }
    assert hub.rows("edges", "child", "claims") == {("k3", ("card:finetune",)), ("k2", ("hub:quantized",))}


def test_a_younger_parent_stays_the_parent_where_it_is_declared(hub: Sweeps) -> None:
    declares = child("k1", "org/old", "org/new", createdAt=OLD["createdAt"])
    hub.sweep([declares, NEW], files={"k1": weights("a"), "k2": weights("a")})
    assert links(hub) == {("k1", "k2", "copy", ("card", "files"), "declared_by_author", "current")}
    assert hub.rows("rejected", "model", "field", "value", "reason") == {("k2", "files", "org/old", "circular")}


def test_a_parent_that_an_import_names_gains_evidence_too(hub: Sweeps) -> None:
    found = {"audit": [Finding("org/newest", "org/new", "finetune")]}
    files = {one: weights("a") for one in ("k1", "k2", "k3")}
    hub.sweep([OLD, NEW, NEWEST], files=files, imports=found)
    assert links(hub) == {
        copy("k2", "k1"),
        ("k3", "k2", "copy", ("files", "imported:audit"), "observed_in_files", "current"),
    }


def test_a_declared_parent_that_holds_something_else_stands_beside_the_original(hub: Sweeps) -> None:
    declares = child("k3", "org/newest", "org/new", createdAt=NEWEST["createdAt"])
    hub.sweep([OLD, NEW, declares], files={"k1": weights("a"), "k2": weights("b"), "k3": weights("a")})
    assert links(hub) == {
        copy("k3", "k1"),
        ("k3", "k2", "unknown", ("card",), "declared_by_author", "current"),
    }


def test_a_model_that_declares_itself_is_still_a_copy(hub: Sweeps) -> None:
    hub.sweep([OLD, child("k2", "org/new", "org/new")], files={"k1": weights("a"), "k2": weights("a")})
    assert {row[:4] for row in links(hub)} == {("k2", "k2", "unknown", ("card",)), ("k2", "k1", "copy", ("files",))}


def test_files_close_no_circle_of_declared_links(hub: Sweeps) -> None:
    middle = child("k3", "org/newest", "org/new", createdAt=NEWEST["createdAt"])
    last = child("k1", "org/old", "org/newest", createdAt=OLD["createdAt"])
    for _night in range(2):
        hub.sweep([last, NEW, middle], files={"k1": weights("a"), "k2": weights("a")})
        assert hub.rows("edges", "child", "parent") == {("k3", "k2"), ("k1", "k3")}
        assert hub.rows("rejected", "model", "field", "value", "reason") == {("k2", "files", "org/old", "circular")}
    assert hub.changes.rows_written == 0


def test_the_links_of_a_gone_model_count_in_a_circle(hub: Sweeps) -> None:
    declares = child("k1", "org/old", "org/newest", createdAt=OLD["createdAt"])
    third = child("k3", "org/newest", "org/new", createdAt=NEWEST["createdAt"])
    hub.sweep([declares, NEW, third])
    hub.sweep([declares, NEW], files={"k1": weights("a"), "k2": weights("a")})
    assert hub.rows("edges", "child", "parent") == {("k1", "k3"), ("k3", "k2")}


def test_a_text_that_names_a_copy_of_its_model_closes_the_circle_and_goes(hub: Sweeps) -> None:
    texts = {"k1": [Said("org/new", "fine_tuned_from", "finetune", generated=False)]}
    hub.sweep([OLD, NEW], rules=TEXTS, files={"k1": weights("a"), "k2": weights("a")}, cards=texts)
    assert links(hub) == {copy("k2", "k1")}
    assert hub.rows("rejected", "model", "field", "value", "reason") == {("k1", "card_text", "org/new", "circular")}


def test_a_text_that_names_an_older_holder_makes_it_the_parent(hub: Sweeps) -> None:
    texts = {"k3": [Said("org/new", "fine_tuned_from", "finetune", generated=False)]}
    files = {one: weights("a") for one in ("k1", "k2", "k3")}
    hub.sweep([OLD, NEW, NEWEST], rules=TEXTS, files=files, cards=texts)
    assert links(hub) == {
        copy("k2", "k1"),
        ("k3", "k2", "copy", ("files", "card_text"), "observed_in_files", "current"),
    }


def test_an_original_that_is_gone_still_holds_its_set(hub: Sweeps) -> None:
    hub.sweep([OLD, NEW], files={"k1": weights("a")})
    hub.sweep([NEW])
    hub.sweep([NEW], files={"k2": weights("a")}, keep_gone=timedelta(days=30))
    assert links(hub) == {copy("k2", "k1")}
    assert ("k1", "org/old", "gone") in hub.models()


def test_what_keep_gone_removes_takes_its_files_along_and_a_named_original_stays(hub: Sweeps) -> None:
    hub.sweep([OLD, NEW, NEWEST], files={"k1": weights("a"), "k2": weights("a"), "k3": weights("c")})
    for _night in range(4):
        hub.sweep([NEW], keep_gone=timedelta(days=1))
    assert {key for key, *_ in hub.models()} == {"k1", "k2"}
    assert hub.rows("weights", "model") == {("k1",), ("k2",)}


def test_an_older_holder_that_turns_up_later_takes_the_copies_over(hub: Sweeps) -> None:
    hub.sweep([OLD, NEW, NEWEST], files={"k2": weights("a"), "k3": weights("a")})
    assert links(hub) == {copy("k3", "k2")}
    hub.sweep([OLD, NEW, NEWEST], files={"k1": weights("a")}, max_withdrawn_share=0.0)
    assert links(hub) == {copy("k2", "k1"), copy("k3", "k1"), copy("k3", "k2", "withdrawn")}


def test_a_copy_whose_files_are_replaced_is_one_no_longer(hub: Sweeps) -> None:
    hub.sweep([OLD, NEW], files={"k1": weights("a"), "k2": weights("a")})
    hub.sweep([OLD, NEW], files={"k2": weights("b")})
    assert links(hub) == {copy("k2", "k1", "withdrawn")}
    hub.sweep([OLD, NEW], files={"k2": weights("a")})
    assert hub.rows("edges", "status", "absences") == {("current", (at(2), at(3)))}


@pytest.mark.parametrize(
    "detail", [Detail(404), Detail(401), Detail(0), Detail(200, "another", "org/new")], ids=lambda one: str(one.status)
)
def test_an_answer_that_says_nothing_of_the_files_leaves_what_is_known(hub: Sweeps, detail: Detail) -> None:
    hub.sweep([OLD, NEW], files={"k1": weights("a"), "k2": weights("a")})
    hub.sweep([OLD, NEW], answers=[DetailAnswer("k2", "org/new", detail, FILES.name)])
    assert links(hub) == {copy("k2", "k1")}


def test_a_model_without_a_named_parent_but_with_an_original_is_inferred_nothing(hub: Sweeps) -> None:
    listed = [OLD, record("k2", "org/plain"), record("k3", "lab/plain-gguf", tags=["gguf"])]
    hub.sweep(listed, rules=("name:gguf",), files={"k1": weights("q", of="q.gguf"), "k3": weights("q", of="q.gguf")})
    assert links(hub) == {copy("k3", "k1")}


def test_a_set_that_a_thousand_models_hold_gives_each_one_link_to_the_oldest(hub: Sweeps) -> None:
    listed = [record(f"k{number:04}", f"org/m{number}") for number in range(1000)]
    hub.sweep(listed, files={one["_id"]: weights("a", "b") for one in listed})
    assert links(hub) == {copy(one["_id"], "k0000") for one in listed[1:]}


# Which links follow, against plain Python: few models and few contents, so that sets and circles meet.
KEYS = [f"k{number}" for number in range(6)]
PAIRS = st.frozensets(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=4)
CONTENTS = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
HOLDINGS = st.fixed_dictionaries({key: st.tuples(CONTENTS, CONTENTS) for key in KEYS})
Links = set[tuple[str, str]]


def off_circles(alone: Links, firm: Links) -> Links:
    """Those links of `alone` that are on no circle of them and of `firm` ones."""

    def reached(start: str) -> set[str]:
        found, waiting = set(), [start]
        while waiting:
            found.add(one := waiting.pop())
            waiting += [parent for model, parent in alone | firm if model == one and parent not in found]
        return found

    return {(model, parent) for model, parent in alone if model not in reached(parent)}


def expected(
    holdings: dict[str, tuple[list[str], list[str]]],
    ages: dict[str, int],
    gone: set[str],
    declared: Links,
    texts: Links,
) -> dict[tuple[str, str], tuple[str, ...]]:
    """(child, parent) → the sources of the link."""
    declared_today = {pair for pair in declared if pair[0] not in gone}
    texts = {pair for pair in texts if pair[0] not in gone and pair[0] != pair[1]}
    age = {key: (ages[key], key) for key in KEYS}
    holders: dict[frozenset[str], set[str]] = {}
    for key, sets in holdings.items():
        for contents in filter(None, map(frozenset, sets)):
            holders.setdefault(contents, set()).add(key)
    copies: Links = set()
    for models in holders.values():
        for model in models - gone:
            named = {
                (model, parent)
                for parent in models - {model}
                if (model, parent) in declared_today or ((model, parent) in texts and age[parent] < age[model])
            }
            copies |= named or {(model, min(models, key=age.__getitem__))} - {(model, model)}
    copies = (copies & declared) | off_circles(copies - declared, declared)
    texts = (texts & (declared | copies)) | off_circles(texts - declared - copies, declared | copies)
    said = (("card", declared_today), ("files", copies), ("card_text", texts))
    return {pair: tuple(source for source, links in said if pair in links) for pair in declared_today | copies | texts}


@settings(deadline=None)
@given(
    holdings=HOLDINGS,
    ages=st.fixed_dictionaries({key: st.integers(1, 3) for key in KEYS}),
    gone=st.sets(st.sampled_from(KEYS), max_size=2),
    declared=PAIRS,
    texts=PAIRS,
)
def test_the_links_are_those_of_plain_python(
    holdings: dict[str, tuple[list[str], list[str]]],
    ages: dict[str, int],
    gone: set[str],
    declared: Links,
    texts: Links,
) -> None:
    with duckdb.connect() as db:
        columns = (
            "id_lower VARCHAR, model_type VARCHAR, quantization VARCHAR, markers VARCHAR[], weight_formats VARCHAR[]"
        )
        db.execute(f"CREATE TABLE real (key VARCHAR, id VARCHAR, status VARCHAR, created_at TIMESTAMP, {columns})")
        db.execute("CREATE TABLE weights (model VARCHAR, name VARCHAR, sha256 VARCHAR)")
        db.execute("CREATE TABLE old_edges (child VARCHAR, parent VARCHAR, status VARCHAR, sources VARCHAR[])")
        columns = "spelling VARCHAR, relation VARCHAR, step VARCHAR, rule VARCHAR, generated BOOLEAN"
        db.execute(f"CREATE TABLE reference (child VARCHAR, parent VARCHAR, source VARCHAR, {columns})")
        for key in KEYS:
            row = [key, key, "gone" if key in gone else "listed", datetime(2024, ages[key], 1)]  # noqa: DTZ001  # UTC
            db.execute("INSERT INTO real (key, id, status, created_at) VALUES (?, ?, ?, ?)", row)
            files = [
                f"{place}.{part}" for part, held in zip("xy", holdings[key], strict=True) for place in range(len(held))
            ]
            for name, content in zip(files, [one for held in holdings[key] for one in held], strict=True):
                db.execute("INSERT INTO weights VALUES (?, ?, ?)", [key, name, content])
        for source, links in (("card", declared), ("card_text", texts)):
            for pair in links:
                if pair[0] not in gone:
                    db.execute(
                        "INSERT INTO reference (child, parent, source, spelling) VALUES (?, ?, ?, 'x')", [*pair, source]
                    )
                elif source == "card":
                    db.execute("INSERT INTO old_edges VALUES (?, ?, 'current', ['card'])", pair)
        db.execute(f"CREATE MACRO set_of(name) AS {SET_SQL}")
        set_variables(db, rules=[], declared_sources=list(DECLARED), sources=all_sources())
        run(db, "08_evidence")
        found = db.execute("SELECT child, parent, sources, relation = 'copy' FROM present").fetchall()
    assert {(child_, parent): tuple(sources) for child_, parent, sources, _ in found} == expected(
        holdings, ages, gone, declared, texts
    )
    assert all(copied == ("files" in sources) for _, _, sources, copied in found)

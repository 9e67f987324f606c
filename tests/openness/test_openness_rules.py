"""What the facts of a model show for each criterion. No database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.openness.facts import Dataset, Facts, Family, Licence, Record, Step
from crawler.openness.rules import CLOSED, CRITERIA, NOT_DERIVABLE, VERDICTS, Finding, judge
from crawler.openness.steps import CHANGES, change, changes
from crawler.records.licenses import LICENSES

TEXTS = st.sampled_from(["a", "b", ""]) | st.text(max_size=5)
MAYBE = st.none() | TEXTS
TUPLES = st.lists(TEXTS, max_size=3).map(tuple)
LICENCES = st.builds(
    Licence,
    id=TEXTS,
    osi_approved=st.sampled_from(["yes", "no", "unknown", None]),
    commercial_use=st.sampled_from(["yes", "no", "conditions", "unknown", None]),
    use_restrictions=st.sampled_from(["yes", "no", "unknown", None]),
)
DATASETS = st.builds(
    Dataset,
    id=TEXTS,
    status=st.sampled_from([None, "listed", "gone", "absent"]),
    gated=st.sampled_from([None, "false", "auto"]),
)
RECORDS = st.builds(
    Record,
    key=TEXTS,
    id=TEXTS,
    status=st.sampled_from(["listed", "listed", "gone", "absent"]),
    gone_reason=st.sampled_from([None, "deleted_or_private", "unknown"]),
    gated=st.sampled_from([None, "false", "auto", "manual", "later"]),
    disabled=st.none() | st.booleans(),
    weight_formats=TUPLES,
    parameters=st.none() | st.integers(0),
    library=MAYBE,
    providers=TUPLES,
    model_type=MAYBE,
    architectures=TUPLES,
    has_card=st.none() | st.booleans(),
    languages=TUPLES,
    pipeline_tag=MAYBE,
    papers=st.lists(st.sampled_from(["arxiv:2310.06825", "doi:10.57967/hf/1", "doi:10.1/x"]), max_size=3).map(tuple),
    url=MAYBE,
    licences=st.lists(LICENCES, max_size=2).map(tuple),
    datasets=st.lists(DATASETS, max_size=7).map(tuple),
)
KINDS = ("finetune", "adapter", "merge", "quantized", "unknown", "copy")


@st.composite
def families(draw: st.DrawFn) -> Family:
    records = [
        replace(record, key=str(n), id=f"m/{n}")
        for n, record in enumerate(draw(st.lists(RECORDS, min_size=1, max_size=5)))
    ]
    keys = st.sampled_from([record.key for record in records])
    steps = draw(st.lists(st.builds(Step, child=keys, parent=keys, relation=st.sampled_from(KINDS)), max_size=8))
    return Family({record.key: record for record in records}, tuple(steps))


def record(**given: Any) -> Record:
    defaults: dict[str, Any] = {
        "key": "A",
        "id": "org/a",
        "status": "listed",
        "gated": "false",
        "weight_formats": ("safetensors",),
        "url": "https://huggingface.co/org/a",
    }
    return Record(**defaults | given)


def family(*records: Record, steps: tuple[tuple[str, str, str], ...] = ()) -> Family:
    return Family({one.key: one for one in records}, tuple(Step(*step) for step in steps))


def said(criterion: str, model: Record, *others: Record, steps: tuple[tuple[str, str, str], ...] = ()) -> Finding:
    found = judge(family(model, *others, steps=steps).facts(model.key))
    return found[list(CRITERIA).index(criterion)]


@given(families())
def test_every_model_has_one_finding_for_each_criterion_in_order(some: Family) -> None:
    for key in some.records:
        found = judge(some.facts(key))
        assert [one.criterion for one in found] == list(CRITERIA)
        assert {one.verdict for one in found} <= set(VERDICTS)
        assert all(one.reason and len(one.reason) <= 50 for one in found)


@given(families())
def test_what_is_open_or_partial_or_closed_names_the_property_that_says_so(some: Family) -> None:
    for key in some.records:
        for one in judge(some.facts(key)):
            assert one.verdict == NOT_DERIVABLE or one.field, one


@given(families())
def test_closed_is_said_of_weights_that_the_hub_says_nobody_gets_and_of_nothing_else(some: Family) -> None:
    for key in some.records:
        for one in judge(some.facts(key)):
            if one.verdict == CLOSED:
                assert one.criterion in ("llmweights", "rlweights")
                assert (one.field, one.value) in {("gone_reason", "deleted_or_private"), ("disabled", "true")}


@given(RECORDS)
def test_a_model_of_which_less_is_known_is_never_more_closed_for_it(model: Record) -> None:
    empty = Record(model.key, model.id, "listed")
    facts = Facts(empty, (empty,), (empty,), frozenset())
    assert {one.verdict for one in judge(facts)} == {NOT_DERIVABLE}


@given(RECORDS, st.sampled_from(KINDS))
def test_an_absent_model_says_that_no_listing_held_it(model: Record, kind: str) -> None:
    absent = replace(model, key="A", status="absent")
    base = record(key="B", id="org/b")
    found = judge(family(absent, base, steps=(("A", "B", kind),)).facts("A"))
    assert {(one.verdict, one.field, one.value, one.status) for one in found} == {
        (NOT_DERIVABLE, "status", "absent", "absent")
    }


@pytest.mark.parametrize(
    ("given", "verdict", "field", "value"),
    [
        ({}, "open", "gated", "false"),
        ({"gated": "auto"}, "partial", "gated", "auto"),
        ({"gated": "manual"}, "partial", "gated", "manual"),
        ({"gated": None}, "not derivable", None, None),
        ({"weight_formats": (), "parameters": 7}, "open", "gated", "false"),
        ({"weight_formats": ()}, "not derivable", None, None),
        ({"disabled": True}, "closed", "disabled", "true"),
        ({"status": "gone", "gone_reason": "deleted_or_private"}, "closed", "gone_reason", "deleted_or_private"),
        ({"status": "gone", "gone_reason": "unknown"}, "not derivable", "status", "gone"),
    ],
)
def test_the_weights_of_a_model_that_declares_no_parent(
    given: dict[str, Any], verdict: str, field: str | None, value: str | None
) -> None:
    one = said("llmweights", record(**given))
    assert (one.verdict, one.field, one.value) == (verdict, field, value)
    assert said("rlweights", record(**given)).reason == "it declares no training of another model's weights"


def test_what_was_trained_has_weights_of_its_own_and_those_of_its_base() -> None:
    base = record(key="B", id="org/base", gated="manual")
    steps = (("A", "B", "finetune"),)
    one = said("llmweights", record(), base, steps=steps)
    assert (one.verdict, one.id, one.value) == ("partial", "org/base", "manual")
    assert said("rlweights", record(), base, steps=steps).verdict == "open"


def test_a_copy_holds_the_weights_that_it_was_made_from_whatever_gate_these_have() -> None:
    base = record(key="B", id="org/base", gated="manual")
    one = said("llmweights", record(), base, steps=(("A", "B", "quantized"),))
    assert (one.verdict, one.id) == ("open", "org/a")


def test_of_a_step_of_a_kind_that_nobody_declares_nothing_trained_is_known() -> None:
    one = said("rlweights", record(), record(key="B"), steps=(("A", "B", "unknown"),))
    assert (one.verdict, one.reason) == ("not derivable", "how it was made from its parent is not declared")


def test_the_base_that_shows_least_decides_what_is_said_of_several() -> None:
    free, gated = record(key="B", id="org/b"), record(key="C", id="org/c", gated="auto")
    one = said("llmweights", record(), free, gated, steps=(("A", "B", "merge"), ("A", "C", "merge")))
    assert (one.verdict, one.id, one.value) == ("partial", "org/c", "auto")


def test_a_circle_has_no_base() -> None:
    one = said("llmweights", record(), record(key="B"), steps=(("A", "B", "finetune"), ("B", "A", "finetune")))
    assert (one.verdict, one.reason) == ("not derivable", "its ancestors go round in a circle")


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ([("listed", "false"), ("listed", "false")], "open"),
        ([("listed", "false"), ("listed", "auto")], "partial"),
        ([(None, None)], "partial"),
        ([("gone", None), (None, None)], "partial"),
        ([("gone", None), ("gone", "false")], "not derivable"),
        ([("gone", None), ("absent", None)], "partial"),
        ([], "not derivable"),
    ],
)
def test_data_sets_are_open_where_each_that_is_named_is_known_to_be(known: list[tuple[str, str]], verdict: str) -> None:
    datasets = tuple(Dataset(f"d/{n}", status, gated) for n, (status, gated) in enumerate(known))
    assert said("llmdata", record(datasets=datasets)).verdict == verdict
    tuned, base = record(datasets=datasets), record(key="B", id="org/b")
    assert said("rldata", tuned, base, steps=(("A", "B", "finetune"),)).verdict == verdict
    assert said("llmdata", tuned, base, steps=(("A", "B", "finetune"),)).verdict == "not derivable"


def test_more_than_five_data_sets_are_counted() -> None:
    one = said("llmdata", record(datasets=tuple(Dataset(f"d/{n}") for n in range(7))))
    assert one.value == "d/0, d/1, d/2, d/3, d/4 and 2 more"


@pytest.mark.parametrize(
    ("ids", "verdict", "reason"),
    [
        (["mit"], "open", "its licence is approved by the OSI"),
        (["mit", "llama2"], "partial", "not all of its licences are approved by the OSI"),
        (["llama3.1"], "partial", "its licence restricts what may be done with it"),
        (["gemma"], "partial", "its licence restricts what may be done with it"),
        (["creativeml-openrail-m"], "partial", "its licence restricts what may be done with it"),
        (["cc-by-nc-4.0"], "partial", "its licence restricts what may be done with it"),
        (["intel-research"], "partial", "its licence restricts what may be done with it"),
        (["cc-by-4.0"], "partial", "its licence is not known to be approved by the OSI"),
        (["bsd"], "partial", "its licence is not known to be approved by the OSI"),
        (["other"], "not derivable", "the terms of its licence are not known"),
        (["our-own"], "not derivable", "the terms of its licence are not known"),
        ([], "not derivable", "no licence is declared"),
    ],
)
def test_licences(ids: list[str], verdict: str, reason: str) -> None:
    def licence(name: str) -> Licence:
        if name not in LICENSES:
            return Licence(name)
        found = LICENSES[name]
        return Licence(name, found.osi_approved, found.commercial_use, found.use_restrictions)

    one = said("license", record(licences=tuple(map(licence, ids))))
    assert (one.verdict, one.reason, one.value) == (verdict, reason, ", ".join(ids) or None)


@pytest.mark.parametrize(
    ("papers", "preprint", "paper"),
    [
        ((), ("not derivable", None), ("not derivable", None)),
        (("arxiv:2310.06825",), ("partial", "https://arxiv.org/abs/2310.06825"), ("not derivable", None)),
        (("doi:10.57967/hf/3",), ("not derivable", None), ("not derivable", "https://doi.org/10.57967/hf/3")),
        (("doi:10.1/x",), ("not derivable", None), ("partial", "https://doi.org/10.1/x")),
        (("doi:10.48550/arXiv.1",), ("partial", "https://doi.org/10.48550/arXiv.1"), ("not derivable", None)),
    ],
)
def test_a_doi_of_the_hub_or_of_arxiv_is_no_paper(
    papers: tuple[str, ...], preprint: tuple[str, str | None], paper: tuple[str, str | None]
) -> None:
    for criterion, expected in (("preprint", preprint), ("paper", paper)):
        one = said(criterion, record(papers=papers))
        assert (one.verdict, one.url) == expected


def test_a_card_is_partial_however_complete_its_metadata_are() -> None:
    full = record(
        has_card=True,
        licences=(Licence("mit"),),
        languages=("en",),
        datasets=(Dataset("d"),),
        pipeline_tag="text-generation",
        library="transformers",
    )
    one = said("modelcard", full, record(key="B"), steps=(("A", "B", "finetune"),))
    assert (one.verdict, one.value) == (
        "partial",
        "6 of 6: license, languages, datasets, pipeline_tag, library, base_model",
    )
    assert said("modelcard", record(has_card=True)).value == "0 of 6"
    assert said("modelcard", record(has_card=False)).verdict == "not derivable"


def test_an_api_is_open_where_providers_serve_a_listed_model_and_else_not_derivable() -> None:
    served = record(providers=("hf-inference", "novita"))
    one = said("api", served)
    assert (one.verdict, one.field, one.value) == ("open", "providers", "hf-inference, novita")
    child = record(key="B", id="org/b")
    assert said("api", child, served, steps=(("B", "A", "finetune"),)).verdict == "not derivable"
    assert said("api", record(status="gone", gone_reason="unknown", providers=("novita",))).verdict == "not derivable"


def test_nobody_is_led_to_a_page_that_may_be_somebody_elses_by_now() -> None:
    gone = record(status="gone", gone_reason="unknown", library="transformers", has_card=True)
    assert {one.url for one in judge(family(gone).facts("A"))} == {None}


@given(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS))
def test_a_change_read_backwards_is_its_opposite(before: str, after: str) -> None:
    opposite = {"opened": "closed", "closed": "opened", "shown": "not shown", "not shown": "shown"}
    if before != after:
        assert change(before, after) in CHANGES
        assert opposite[change(before, after)] == change(after, before)


@given(families())
def test_changes_are_the_criteria_in_which_the_two_ends_of_a_step_differ(some: Family) -> None:
    expected = {
        (step, before.criterion, before.verdict, after.verdict)
        for step in some.steps
        for before, after in zip(judge(some.facts(step.parent)), judge(some.facts(step.child)), strict=True)
        if before.verdict != after.verdict
    }
    found = [
        (Step(one.child.key, one.parent.key, one.relation), one.after.criterion, one.before.verdict, one.after.verdict)
        for one in changes(some, some.steps)
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_changes_come_in_the_order_in_which_the_children_were_made() -> None:
    root = record(key="R", id="org/root", gated="manual")
    late = record(key="A", id="org/a", created_at=datetime(2025, 2, 1, tzinfo=UTC))
    early = record(key="B", id="org/b", created_at=datetime(2025, 1, 1, tzinfo=UTC))
    some = family(root, late, early, steps=(("A", "R", "quantized"), ("B", "R", "quantized")))
    assert [(one.child.id, one.after.criterion, one.change) for one in changes(some, some.steps)] == [
        ("org/b", "llmweights", "opened"),
        ("org/a", "llmweights", "opened"),
    ]

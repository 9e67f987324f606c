"""The best way to each relative: what every way there says, and what never matters."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.answers.parameters import RELATIONS
from crawler.records.evidence import CERTAINTIES
from crawler.relatives import ways
from crawler.relatives.model import Link
from crawler.relatives.ways import CLASS_OF, CLASSES, Way, weakness
from tests.support.plain_lineages import Lineage, best_ways, in_force, lineages, ways_back


def known(lineage: Lineage) -> list[Link]:
    """The links of a drawn genealogy as the graph would give them at the time that is asked about."""
    return links_at(lineage, lineage.at)


def links_at(lineage: Lineage, at: datetime | None) -> list[Link]:
    current = in_force(lineage.links, at, None, include_withdrawn=False)
    return [
        Link(
            entry["child"],
            entry["parent"],
            entry["properties"]["relation"],
            entry["properties"]["certainty"],
            withdrawn=entry not in current,
        )
        for entry in in_force(lineage.links, at, None, include_withdrawn=True)
    ]


def worth(found: dict[str, Way]) -> dict[str, tuple[Any, ...]]:
    return {
        key: (way.withdrawn, CLASSES.index(way.klass), CERTAINTIES.index(way.certainty), way.depth)
        for key, way in found.items()
    }


def expected(lineage: Lineage, *, upwards: bool) -> dict[str, tuple[Any, ...]]:
    whole = replace(lineage, include_withdrawn=True)
    names = [name for name in lineage.names if name != lineage.model]
    rated = whole.rated(
        lambda links: (
            {n: min(found) for n in names if (found := list(ways_back(links, lineage.model, n)))}
            if upwards
            else best_ways(links, lineage.names, lineage.model)
        )
    )
    return {name: (withdrawn, way.rank, way.sure, way.depth) for name, (withdrawn, way) in rated.items()}


def check_steps(way: Way, below: str, above: str, links: Iterable[Link]) -> None:
    """It is a way: of known links, each beginning where the last one ended, as weak as it is said to be."""
    assert (way.keys[0], way.keys[-1], len(set(way.keys))) == (below, above, way.depth + 1)
    assert list(pairwise(way.keys)) == [(link.child, link.parent) for link in way.steps]
    assert set(way.steps) <= set(links)
    weak = [weakness(link) for link in way.steps]
    found = (way.withdrawn, CLASSES.index(way.klass), CERTAINTIES.index(way.certainty))
    assert tuple(map(max, zip(*weak, strict=True))) == found


@settings(max_examples=300)
@given(lineage=lineages())
def test_the_way_to_each_relative_is_the_best_of_all_ways_and_no_model_is_its_own(lineage: Lineage) -> None:
    links = known(lineage)
    below, above = ways.down(links, [lineage.model]), ways.up(links, lineage.model)
    assert worth(below) == expected(lineage, upwards=False)
    assert worth(above) == expected(lineage, upwards=True)
    for key, way in below.items():
        check_steps(way, key, lineage.model, links)
    for key, way in above.items():
        check_steps(way, lineage.model, key, links)


@given(lineage=lineages(), data=st.data())
def test_the_order_in_which_links_arrive_never_matters(lineage: Lineage, data: st.DataObject) -> None:
    links = known(lineage)
    shuffled = data.draw(st.permutations(links))
    assert ways.down(shuffled, [lineage.model]) == ways.down(links, [lineage.model])
    assert ways.up(shuffled, lineage.model) == ways.up(links, lineage.model)


@given(lineage=lineages(), data=st.data())
def test_more_evidence_never_makes_a_relative_weaker(lineage: Lineage, data: st.DataObject) -> None:
    links = known(lineage)
    more = data.draw(
        st.builds(
            Link,
            child=st.sampled_from(lineage.names),
            parent=st.sampled_from(lineage.names),
            relation=st.sampled_from(RELATIONS),
            certainty=st.sampled_from(CERTAINTIES),
            withdrawn=st.booleans(),
        )
    )
    before, after = (worth(ways.down(some, [lineage.model])) for some in (links, [*links, more]))
    assert before.keys() <= after.keys()
    assert all(after[key] <= value for key, value in before.items())
    if links:
        # A link that is declared better than it was.
        which = data.draw(st.integers(0, len(links) - 1))
        better = [replace(one, certainty=CERTAINTIES[0]) if i == which else one for i, one in enumerate(links)]
        after = worth(ways.down(better, [lineage.model]))
        assert all(after[key] <= value for key, value in before.items())


@given(lineage=lineages(), data=st.data())
def test_a_shorter_way_of_the_same_class_never_makes_a_relative_more_distant(
    lineage: Lineage, data: st.DataObject
) -> None:
    links = known(lineage)
    before = ways.down(links, [lineage.model])
    if not before:
        return
    key = data.draw(st.sampled_from(sorted(before)))
    way = before[key]
    relation = next(relation for relation, klass in CLASS_OF.items() if klass == way.klass)
    short = Link(key, lineage.model, relation, way.certainty, withdrawn=way.withdrawn)
    after = ways.down([*links, short], [lineage.model])
    assert after[key].klass == way.klass
    assert after[key].depth <= way.depth
    assert all(
        after[other].depth <= before[other].depth
        for other in before
        if (after[other].klass, after[other].certainty, after[other].withdrawn)
        == (before[other].klass, before[other].certainty, before[other].withdrawn)
    )


@given(lineage=lineages(), data=st.data())
def test_of_several_tops_each_descendant_takes_its_best_way_to_any(lineage: Lineage, data: st.DataObject) -> None:
    links = known(lineage)
    tops = data.draw(st.lists(st.sampled_from(lineage.names), unique=True, min_size=1, max_size=3))
    alone = [(worth(ways.down(links, [top])), top) for top in tops]
    best = {
        key: min((one[key], place) for place, (one, _top) in enumerate(alone) if key in one)
        for key in {key for one, _top in alone for key in one} - set(tops)
    }
    found = ways.down(links, tops)
    assert {key: (*worth({key: way})[key], way.keys[-1]) for key, way in found.items()} == {
        key: (*value, tops[place]) for key, (value, place) in best.items()
    }


def test_circles_end_and_a_ladder_is_searched_rung_by_rung() -> None:
    circle = [Link(f"{n}", f"{(n + 1) % 50}", "finetune", "declared_by_hub") for n in range(50)]
    assert {key: way.depth for key, way in ways.down(circle, ["0"]).items()} == {f"{n}": 50 - n for n in range(1, 50)}
    rungs = [
        Link(f"{n + 1}{to}", f"{n}{of}", RELATIONS[n % 6], CERTAINTIES[n % 6])
        for n in range(60)
        for to in "ab"
        for of in "ab"
    ]
    found = ways.down(rungs, ["0a"])
    assert (len(found), found["60b"].depth, found["60b"].keys[1]) == (120, 60, "59a")


def test_a_surer_way_of_the_same_class_may_begin_with_a_weaker_way_to_the_neighbour() -> None:
    links = [
        Link("near", "top", "quantized", "observed_in_files"),
        Link("near", "side", "finetune", "declared_by_hub"),
        Link("side", "top", "finetune", "declared_by_hub"),
        Link("far", "near", "finetune", "declared_by_hub"),
    ]
    found = ways.down(links, ["top"])
    assert found["near"].keys == ("near", "top")
    assert found["far"].keys == ("far", "near", "side", "top")


def test_a_copy_holds_the_same_weights_as_surely_as_its_files_were_compared() -> None:
    links = [
        Link("copy", "top", "copy", "observed_in_files"),
        Link("low", "copy", "quantized", "declared_by_hub"),
        Link("adapter", "low", "adapter", "declared_by_hub"),
        Link("guess", "top", "copy", "inferred"),
    ]
    assert {(key, way.klass, way.certainty, way.depth) for key, way in ways.down(links, ["top"]).items()} == {
        ("copy", "same_weights", "observed_in_files", 1),
        ("low", "same_weights", "observed_in_files", 2),
        ("adapter", "needs_parent", "observed_in_files", 3),
        ("guess", "unclear", "inferred", 1),
    }


def test_every_relation_has_a_class_and_every_class_a_relation() -> None:
    assert list(CLASS_OF) == ["copy", "quantized", "adapter", "finetune", "merge", "unknown"]
    assert set(CLASS_OF) == set(RELATIONS)
    assert list(dict.fromkeys(CLASS_OF.values())) == list(CLASSES)

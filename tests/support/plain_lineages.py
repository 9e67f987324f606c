"""Random genealogies with every awkward shape, and what the saved queries must say of them, by plain Python.

Nothing here is shared with the queries: rules are spelt out once more, and ways are found by walking every one of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

from crawler.answers.parameters import RELATIONS
from tests.support.lineage_graph import day, link, model

T = TypeVar("T")
Links = list[dict[str, Any]]
CLASS_OF = {
    "copy": "same_weights",
    "quantized": "same_weights",
    "adapter": "needs_parent",
    "finetune": "retrained",
    "merge": "mixed",
    "unknown": "unclear",
}
CLASSES = list(dict.fromkeys(CLASS_OF.values()))
STATUSES = ["listed", "gone", "absent"]
CERTAINTIES = ["declared_by_hub", "declared_by_author", "observed_in_files", "said_in_text", "imported", "inferred"]
# Sources of a link with the certainty that they give; a query reads the certainty alone, also of sources to come.
EVIDENCE = [
    (["hub", "tag", "card"], "declared_by_hub"),
    (["hub", "adapter_config"], "declared_by_hub"),
    (["tag", "card"], "declared_by_author"),
    (["card", "adapter_config"], "declared_by_author"),
    (["adapter_config"], "observed_in_files"),
    (["hub", "inferred"], "observed_in_files"),
    (["prose"], "said_in_text"),
    (["imported:study"], "imported"),
    (["inferred"], "inferred"),
]


def in_force(links: Links, at: Any, relations: list[str] | None, *, include_withdrawn: bool) -> list[dict[str, Any]]:
    """The links that count, by the rules of the design, spelt out once more."""
    found = []
    for entry in links:
        edge = entry["properties"]
        if relations is not None and edge["relation"] not in relations:
            continue
        if at is not None and edge["first_seen"] > at:
            continue
        if not include_withdrawn:
            if "withdrawn_at" in edge and (at is None or edge["withdrawn_at"] <= at):
                continue
            if at is not None and is_away(edge, at):
                continue
        found.append(entry)
    return found


def is_away(properties: Mapping[str, Any], at: datetime) -> bool:
    absences = properties.get("absences", [])
    return any(gone <= at < back for gone, back in zip(absences[::2], absences[1::2], strict=True))


def looks_like(itself: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether nothing but a declaration keeps the other model from being a candidate."""
    if itself.get("parameters") is None or itself.get("parameters") != other.get("parameters"):
        return False
    mine, theirs = ([one.get("model_type"), one.get("architectures")] for one in (itself, other))
    is_bare_file = theirs == [None, None] and "gguf" in other.get("weight_formats", [])
    made: tuple[datetime | None, datetime | None] = itself.get("created_at"), other.get("created_at")
    is_older = made[0] is not None and made[1] is not None and made[1] < made[0]
    return mine != [None, None] and (mine == theirs or is_bare_file) and not is_older


def status_at(node: Mapping[str, Any], at: datetime | None) -> str:
    if at is None:
        return str(node["status"])
    if "listed_at" not in node or node["listed_at"] > at:
        return "absent"
    if is_away(node, at) or ("gone_at" in node and node["gone_at"] <= at):
        return "gone"
    return "listed"


def depths(start: str, steps: Mapping[str, set[str]]) -> dict[str, int]:
    """How far every other model is that can be reached from `start`."""
    found = {start: 0}
    level = [start]
    while level:
        level = sorted({after for before in level for after in steps.get(before, ())} - found.keys())
        found |= dict.fromkeys(level, max(found.values()) + 1)
    return found


def adjacency(pairs: Sequence[tuple[str, str]]) -> dict[str, set[str]]:
    steps: dict[str, set[str]] = {}
    for a, b in pairs:
        steps.setdefault(a, set()).add(b)
    return steps


def pairs_of(links: Links) -> list[tuple[str, str]]:
    return [(entry["child"], entry["parent"]) for entry in links]


@dataclass(frozen=True, order=True)
class Way:
    """What a way back is worth: the class and the certainty of its weakest step, and its length."""

    rank: int
    sure: int
    depth: int


def strength(entry: Mapping[str, Any]) -> tuple[int, int]:
    """How weak a step is, by its class and by its evidence."""
    edge = entry["properties"]
    known = "unclear" if edge["certainty"] == "inferred" else CLASS_OF[edge["relation"]]
    return CLASSES.index(known), CERTAINTIES.index(edge["certainty"])


def ways_back(links: Links, start: str, top: str) -> Iterator[Way]:
    """Every way from `start` up to `top` that meets no model twice."""
    above: dict[str, list[dict[str, Any]]] = {}
    for entry in links:
        above.setdefault(entry["child"], []).append(entry)
    todo: list[tuple[str, frozenset[str], Way]] = [(start, frozenset([start]), Way(0, 0, 0))]
    while todo:
        here, met, way = todo.pop()
        if here == top:
            yield way
            continue
        for entry in above.get(here, []):
            if entry["parent"] not in met:
                rank, sure = strength(entry)
                longer = Way(max(way.rank, rank), max(way.sure, sure), way.depth + 1)
                todo.append((entry["parent"], met | {entry["parent"]}, longer))


def best_ways(links: Links, names: Sequence[str], top: str) -> dict[str, Way]:
    """The best way back of each descendant of `top`."""
    found = {name: min(ways_back(links, name, top), default=None) for name in names if name != top}
    return {name: way for name, way in found.items() if way is not None}


def graded(links: Links, top: str, kind: list[str] | None = None) -> dict[str, Way]:
    """The same for graphs that are too large to walk every way: one search for each class and certainty, worst first.

    With `kind`, of the ways that begin with a step of these kinds.
    """
    found: dict[str, Way] = {}
    for rank in reversed(range(len(CLASSES))):
        for sure in reversed(range(len(CERTAINTIES))):
            steps = [entry for entry in links if within(entry, rank, sure)]
            found |= {name: Way(rank, sure, depth) for name, depth in stepped(steps, top, kind).items()}
    return found


def stepped(links: Links, top: str, kind: list[str] | None) -> dict[str, int]:
    """How far each descendant of `top` is that derives from it or from another descendant by a step of these kinds."""
    above = depths(top, adjacency([(entry["parent"], entry["child"]) for entry in links]))
    found: dict[str, int] = {}
    for entry in links:
        child, parent = entry["child"], entry["parent"]
        own = kind is None or entry["properties"]["relation"] in kind
        if own and parent in above and child not in (parent, top):
            found[child] = min(found.get(child, above[parent] + 1), above[parent] + 1)
    return found


def within(entry: Mapping[str, Any], rank: int, sure: int = len(CERTAINTIES) - 1) -> bool:
    found = strength(entry)
    return found[0] <= rank and found[1] <= sure


def same_weights(links: Links, start: str) -> dict[str, tuple[str, int, int]]:
    """Role, certainty and distance of every model that copies of the weights lead to, up and then down."""
    found: dict[str, tuple[str, int, int]] = {}
    for sure in reversed(range(CERTAINTIES.index("inferred"))):
        pairs = pairs_of([entry for entry in links if within(entry, 0, sure)])
        up, down = adjacency(pairs), adjacency([(parent, child) for child, parent in pairs])
        above = depths(start, up)
        reached: dict[str, int] = {}
        for top, climb in above.items():
            for name, descent in depths(top, down).items():
                reached[name] = min(reached.get(name, climb + descent), climb + descent)
        copies = depths(start, down)
        for name, distance in reached.items():
            role = "original" if name in above else "copy" if name in copies else "sibling"
            found[name] = (found[name][0] if name in found else role, sure, distance)
    return {name: way for name, way in found.items() if name != start}


@dataclass(frozen=True)
class Lineage:
    """A graph, and one question to it."""

    models: list[dict[str, Any]]
    links: Links
    model: str
    other: str
    at: datetime | None
    relations: list[str] | None
    include_withdrawn: bool
    kind: list[str] | None = None
    """Kinds of a row's own step; `relations` are those of every step."""
    statuses: list[str] | None = None

    @property
    def names(self) -> list[str]:
        return [node["key"] for node in self.models]

    @property
    def nodes(self) -> dict[str, dict[str, Any]]:
        return {node["key"]: node for node in self.models}

    def holding(self) -> Links:
        """The links in force at that time, of the kinds asked for."""
        return in_force(self.links, self.at, self.relations, include_withdrawn=self.include_withdrawn)

    def rated(self, rate: Callable[[Links], dict[str, T]], along: list[str] | None = None) -> dict[str, tuple[bool, T]]:
        """What `rate` finds, each with whether only ways over withdrawn links lead there: such a way never beats another."""
        found, *more = (
            rate(in_force(self.links, self.at, along, include_withdrawn=withdrawn))
            for withdrawn in sorted({False, self.include_withdrawn})
        )
        everything = more[0] if more else found
        return {name: (name not in found, found.get(name, value)) for name, value in everything.items()}

    def children(self, name: str) -> int:
        """How many links of any time lead to it."""
        return sum(entry["parent"] == name for entry in self.links)

    def downloads(self, name: str) -> int:
        return int(self.nodes[name].get("downloads", 0))

    def weight(self, name: str) -> tuple[int, int, int, str]:
        """How far down an answer it stands among its equals: listed before gone before absent, then the most followed."""
        place = ["listed", "gone", "absent"].index(self.status(name))
        return place, -self.children(name), -self.downloads(name), name

    def status(self, name: str) -> str:
        return status_at(self.nodes[name], self.at)

    def is_shown(self, name: str) -> bool:
        """Whether its status is one of those asked for."""
        return self.statuses is None or self.status(name) in self.statuses

    def asked(self, *names: str) -> dict[str, Any]:
        """The parameters of that question, by name."""
        values = {
            "model": self.model,
            "other": self.other,
            "as_of": self.at,
            "relations": self.relations,
            "include_withdrawn": self.include_withdrawn,
            "kind": self.kind,
            "status": self.statuses,
        }
        return {name: values[name] for name in names}


@st.composite
def a_model(draw: st.DrawFn, number: int) -> dict[str, Any]:
    found = model(
        f"m/{number}",
        owner=draw(st.sampled_from(["ann", "bob", "cy"])),
        gated=draw(st.sampled_from(["false", "false", "auto", "manual"])),
        disabled=draw(st.sampled_from([False, False, False, True])),
        downloads=draw(st.integers(0, 3)),
        weight_formats=draw(st.lists(st.sampled_from(["safetensors", "pytorch", "pickle", "gguf"]), unique=True)),
    )
    shape = draw(st.sampled_from(["listed", "listed", "listed", "gone", "absent", "back"]))
    if shape == "gone":
        found |= {"status": "gone", "gone_at": day(draw(st.integers(2, 9)))}
    elif shape == "absent":
        found |= {"status": "absent"}
        for name in ("listed_at", "gated", "disabled", "downloads", "weight_formats", "url"):
            del found[name]
    elif shape == "back":
        start = draw(st.integers(5, 6))
        found |= {"absences": [day(start), day(start + 1)]}
    return found


# Kinds of steps that a genealogy is drawn from: of all kinds at once, copies of copies would be rare.
POOLS = [list(RELATIONS), ["copy", "quantized"], ["quantized"], ["copy", "quantized", "finetune"]]


@st.composite
def a_link(draw: st.DrawFn, child: int, parent: int, pool: list[str]) -> dict[str, Any]:
    sources, certainty = draw(st.sampled_from(EVIDENCE))
    properties: dict[str, Any] = {
        "first_seen": day(draw(st.integers(1, 5))),
        "sources": sources,
        "certainty": certainty,
        "declared_as": [draw(st.sampled_from([f"m/{parent}", f"M/{parent}"]))],
    }
    ends = draw(st.sampled_from(["current", "current", "current", "current", "withdrawn", "back"]))
    if ends == "withdrawn":
        properties |= {"status": "withdrawn", "withdrawn_at": day(draw(st.integers(6, 9)))}
    elif ends == "back":
        start = draw(st.integers(5, 6))
        properties |= {"absences": [day(start), day(start + 1)]}
    return link(f"m/{child}", f"m/{parent}", draw(st.sampled_from(pool)), **properties)


@st.composite
def lineages(draw: st.DrawFn, most: int = 8) -> Lineage:
    """Up to `most` models with self-links, circles, diamonds, absent and gone ones, links that were withdrawn or came back."""
    count = draw(st.integers(2, most))
    models = [draw(a_model(number)) for number in range(count)]
    numbers = st.integers(0, count - 1)
    ends = draw(st.lists(st.tuples(numbers, numbers), unique=True, min_size=count, max_size=2 * count))
    pool = draw(st.sampled_from(POOLS))
    relations = st.none() | st.none() | st.lists(st.sampled_from(RELATIONS), unique=True, min_size=1)
    statuses = st.none() | st.none() | st.lists(st.sampled_from(STATUSES), unique=True, min_size=1)
    return Lineage(
        models=models,
        links=[draw(a_link(child, parent, pool)) for child, parent in ends],
        model=f"M/{draw(numbers)}",
        other=f"M/{draw(numbers)}",
        at=draw(st.none() | st.integers(3, 7).map(day)),
        relations=draw(relations),
        include_withdrawn=draw(st.booleans()),
        kind=draw(relations),
        statuses=draw(statuses),
    )

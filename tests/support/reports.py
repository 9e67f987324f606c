"""Reports in memory, put together from families as `crawler.dossier.gather` does it from a graph."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from crawler.answers.context import Context, Crawl
from crawler.dossier.contacts import Asked, contacts, on_ways
from crawler.dossier.deployers import deployers
from crawler.dossier.form import (
    HUB,
    Conflict,
    DatasetReport,
    LookAlike,
    ModelReport,
    Naming,
    OwnerKind,
    SharedDataset,
    Sharing,
    Usual,
)
from crawler.dossier.gather import crawls
from crawler.dossier.limits import limits
from crawler.dossier.rows import Rows, roots
from crawler.dossier.summary import summary
from crawler.relatives import ways
from crawler.relatives.model import Link, Member, Relatives
from crawler.relatives.ways import Way
from tests.support.families import family

MADE_AT = datetime(2026, 11, 28, 19, 30, tzinfo=UTC)
CRAWLED = datetime(2026, 11, 27, 3, tzinfo=UTC)


def member(name: str, **properties: Any) -> Member:
    """A listed and open model; its key is its name in capitals."""
    listed = properties.get("status", "listed") == "listed"
    usual = {
        "key": name.upper(),
        "id": name,
        "status": "listed",
        "owner": name.split("/", maxsplit=1)[0] if "/" in name else None,
        "gated": "false" if listed else None,
        "contact": f"{HUB}/{name}/discussions" if listed else None,
    }
    return Member(**usual | properties)


def link(child: str, parent: str, relation: str = "finetune", **properties: Any) -> Link:
    usual: dict[str, Any] = {
        "child": child.upper(),
        "parent": parent.upper(),
        "relation": relation,
        "certainty": "declared_by_hub",
        "sources": ("hub", "tag"),
        "first_seen": datetime(2026, 8, 1, 3, tzinfo=UTC),
    }
    return Link(**usual | properties)


def known(*, complete: bool = True, refusals: tuple[str, ...] = ()) -> Context:
    crawl = Crawl("000007", "sweep", CRAWLED, complete, refusals)
    return Context(first=crawl, last=crawl, sweep=crawl if complete else None, has_withdrawn=True)


def record(of: Member, **properties: Any) -> dict[str, Any]:
    """The row of the saved query `model`, as far as pages show it."""
    return {
        "id": of.id,
        "key": of.key,
        "status": of.status,
        "gone_reason": "deleted_or_private" if of.status == "gone" else None,
        "owner": of.owner,
        "former_names": [],
        "parents": 0,
        "children": of.children,
        "created_at": "2025-05-01T12:00:00Z",
        "first_seen": "2026-08-01T03:00:00Z",
        "listed_at": "2026-08-01T03:00:00Z",
        "gone_at": None,
        "downloads": of.downloads,
        "providers": list(of.providers) or None,
        "gated": of.gated,
        "license": of.license,
        "datasets": [],
        "url": f"{HUB}/{of.id}" if of.status == "listed" else None,
    } | properties


def report(
    relatives: Relatives,
    *,
    at: Context | None = None,
    as_of: str | None = None,
    made_at: datetime = MADE_AT,
    of_record: dict[str, Any] | None = None,
    look_alikes: int | None = 0,
    alike: tuple[LookAlike, ...] = (),
    owners: tuple[OwnerKind, ...] = (),
    **given: Any,
) -> ModelReport:
    """The report of a family; `given` are fields that do not follow from it, `alike` the first of `look_alikes`."""
    at = at or known()
    key = relatives.key
    above, below = ways.up(relatives.links, key), ways.down(relatives.links, [key])
    rows = Rows(relatives.members)
    ancestors = rows.ancestors(above, roots(relatives.links, {key, *relatives.above}))
    descendants = rows.descendants(below)
    asked = relatives.members[key]
    to_ask = [
        Asked(asked),
        *on_ways("upstream", relatives.members, above),
        *on_ways("downstream", relatives.members, below),
    ]
    to_contact = contacts(to_ask, owners)
    usual = Usual(size=5, size_from=4, families=1234, share=0.0123, followed_rank=3, followed_ranked=1000)
    figures = summary(
        descendants,
        to_contact,
        ancestors=ancestors,
        beside=len(given.get("beside", ())),
        usual=None if as_of else usual,
        look_alikes=look_alikes,
    )
    fields: dict[str, Any] = {
        "made_at": made_at,
        "asked": asked.id,
        "as_of": as_of,
        "model": record(asked, **of_record or {}),
        "names": (),
        "crawl": crawls(at),
        "summary": figures,
        "limits": limits(at, as_of, [*ancestors, *descendants], look_alikes=look_alikes),
        "contacts": to_contact,
        "ancestors": ancestors,
        "beside": (),
        "descendants": descendants,
        "evidence": rows.evidence,
        "owners": owners,
        "deployers": deployers(to_ask),
        "same_dataset": (),
        "licence_conflicts": (),
        "look_alikes": alike,
    }
    return ModelReport(**fields | given)


def dataset_report(dataset: str, members: Iterable[Member], links: Iterable[Link], naming: list[str]) -> DatasetReport:
    """The report of a data set that the models of these keys name."""
    found, every = {one.key: one for one in members}, tuple(links)
    below = {key: Way(key, "trained_on", "declared_by_author", withdrawn=False, steps=()) for key in naming}
    below |= ways.down(every, naming)
    rows = Rows(found)
    descendants = rows.descendants(below)
    itself = Member(
        key=dataset, id=dataset, status="unknown", owner=dataset.split("/", maxsplit=1)[0], children=len(naming)
    )
    to_contact = contacts([Asked(itself), *on_ways("downstream", found, below)], ())
    at = known()
    return DatasetReport(
        made_at=MADE_AT,
        asked=dataset,
        as_of=None,
        dataset=dataset,
        crawl=crawls(at),
        summary=summary(descendants, to_contact),
        limits=limits(at, None, descendants, of_dataset=True),
        contacts=to_contact,
        descendants=descendants,
        evidence=rows.evidence,
        trained_on=tuple(Naming(id=found[key].id, key=key, sources=("tag", "card"), dataset=dataset) for key in naming),
    )


def small() -> Relatives:
    """A family with something of everything: classes, gates, states, a withdrawn link, licences."""
    return family(
        "B/BASE",
        [
            member("a/root", license="llama3", gated="manual", children=2, downloads=12_345),
            member("b/base", license="apache-2.0", children=6, downloads=1_234_567),
            member("c/base-gguf", license="apache-2.0", downloads=4_321, children=1),
            member("d/adapter", license="mit", gated="auto", downloads=7),
            member("e/tuned", status="gone", license="mit", children=1),
            member("f/merged", downloads=0),
            member("g/never", status="absent"),
            member("h/dropped", license="mit"),
            member("i/guessed"),
            member("j/deep-gguf", downloads=99),
            member("gpt2"),
        ],
        [
            link("b/base", "a/root"),
            link("c/base-gguf", "b/base", "quantized"),
            link("d/adapter", "b/base", "adapter", certainty="observed_in_files", sources=("adapter_config",)),
            link("e/tuned", "b/base", sources=("tag", "card"), certainty="declared_by_author", declared_as=("B/Base",)),
            link("f/merged", "b/base", "merge"),
            link("f/merged", "a/root", "merge"),
            link("g/never", "c/base-gguf"),
            link("h/dropped", "b/base", withdrawn=True),
            link("i/guessed", "b/base", "unknown", certainty="inferred", sources=("inferred",)),
            link("j/deep-gguf", "e/tuned", "quantized"),
            link("gpt2", "b/base", "finetune"),
        ],
    )


def small_report(**given: Any) -> ModelReport:
    """The report of that family, with data sets, licence conflicts and look-alikes."""
    sharing = Sharing(
        id="x/other",
        key="X/OTHER",
        status="listed",
        owner="x",
        children=3,
        downloads=5,
        contact=f"{HUB}/x/other/discussions",
    )
    conflict = Conflict(
        ancestor="a/root",
        ancestor_license="llama3",
        license=("apache-2.0",),
        terms=("use_restrictions",),
        models=("b/base", "c/base-gguf"),
    )
    fields: dict[str, Any] = {
        "same_dataset": (SharedDataset(dataset="s/set", models=101, listed=90, first=(sharing,)),),
        "licence_conflicts": (conflict,),
        "of_record": {"former_names": ["b/old-base"], "datasets": ["s/set"]},
        "look_alikes": 51,
        "alike": (
            candidate("y/base-copy", speaks_for=("name_contained", "same_license"), downloads=1_234),
            candidate("z/own", speaks_against=("age_unknown",), created_at=None),
        ),
    }
    return report(small(), **fields | given)


def candidate(name: str, **properties: Any) -> LookAlike:
    """A look-alike of which nothing but its name is known."""
    usual: dict[str, Any] = {
        "id": name,
        "key": name.upper(),
        "speaks_for": (),
        "speaks_against": (),
        "created_at": "2026-03-04T05:06:07Z",
        "owner": name.split("/", maxsplit=1)[0],
        "license": None,
        "children": 0,
        "downloads": None,
        "url": f"{HUB}/{name}",
    }
    return LookAlike(**usual | properties)


SUFFIXES = ("GGUF", "i1-GGUF", "AWQ", "Instruct-v0.2", "dpo-lora", "merged-16bit", "4bit-128g", "sft-full")
RELATIONS = {
    "GGUF": "quantized",
    "i1-GGUF": "quantized",
    "AWQ": "quantized",
    "Instruct-v0.2": "finetune",
    "dpo-lora": "adapter",
    "merged-16bit": "merge",
    "4bit-128g": "quantized",
    "sft-full": "finetune",
}


def large(size: int = 30_000, seed: int = 7) -> Relatives:
    """A family with names as long as those of the Hub, about 37 letters, and as flat as the families there."""
    chance = random.Random(seed)
    root = "mistralai/Mistral-7B-Instruct-v0.1"
    names, parents = [root], [root]
    members: list[tuple[str, dict[str, Any]]] = []
    links = []
    for number in range(size):
        suffix = chance.choice(SUFFIXES)
        owner = chance.choice(("mradermacher", "TheBloke", "bartowski", f"some-user-{number % 4000}"))
        name = f"{owner}/Mistral-7B-{number:05}-{suffix}"
        parent = chance.choice(parents) if chance.random() < 0.25 else root
        if RELATIONS[suffix] == "finetune" and chance.random() < 0.05:
            parents.append(name)
        names.append(name)
        license_ = chance.choice(("apache-2.0", "apache-2.0", "apache-2.0", "mit", None, None, "cc-by-nc-4.0", "other"))
        members.append((name, {"license": license_, "downloads": int(chance.paretovariate(0.5)) % 100_000}))
        links.append(
            link(name, parent, RELATIONS[suffix], sources=chance.choice((("hub", "tag"), ("hub", "tag", "card"))))
        )
    grown: dict[str, int] = {}
    for one in links:
        grown[one.parent] = grown.get(one.parent, 0) + 1
    found = [
        member(name, key=_key(name), children=grown.get(name.upper(), 0), **properties)
        for name, properties in [(root, {"license": "apache-2.0"}), *members]
    ]
    keyed = [
        Link(
            **{name: getattr(one, name) for name in one.__slots__}
            | {"child": _key(one.child), "parent": _key(one.parent)}
        )
        for one in links
    ]
    members_of = {one.key: one for one in found}
    return Relatives(_key(root), members_of, tuple(keyed), frozenset(), frozenset(members_of) - {_key(root)})


@cache
def _key(name: str) -> str:
    """A key as long as the Hub's."""
    return f"{random.Random(name.lower()).getrandbits(96):024x}"

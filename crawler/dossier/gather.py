"""Ask the graph for everything that a dossier holds, and put it together."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import neo4j

from crawler.answers import library
from crawler.answers.context import Context
from crawler.answers.run import answer
from crawler.answers.values import plain
from crawler.dossier import restrict
from crawler.dossier.contacts import Asked, contacts, on_ways
from crawler.dossier.deployers import deployers
from crawler.dossier.form import (
    NO_FILTERS,
    Beside,
    Conflict,
    Crawls,
    DatasetReport,
    Filters,
    LookAlike,
    ModelReport,
    Naming,
    SharedDataset,
    Sharing,
    Standing,
    Usual,
    copied,
)
from crawler.dossier.limits import limits
from crawler.dossier.owners import read_owners
from crawler.dossier.rows import Rows, importance, roots, standing
from crawler.dossier.summary import summary, usual
from crawler.errors import HubGenealogyError
from crawler.records.naming import Bearer
from crawler.relatives import datasets, ways
from crawler.relatives.datasets import models_naming
from crawler.relatives.model import Member, Relatives
from crawler.relatives.read import read, read_below, read_members
from crawler.relatives.ways import Way
from crawler.resources import shipped

# How many models that share a data set with the model are named.
FIRST = 100
# How many models that look like the model are shown.
FIRST_LOOK_ALIKES = 50


@dataclass(frozen=True)
class Request:
    """What a dossier is asked about."""

    asked: str
    """The name as it was typed."""
    meant: Bearer
    as_of: str | None
    now: datetime
    timeout: timedelta
    """How long one saved query may run."""
    filters: Filters = NO_FILTERS


def model_report(session: neo4j.Session, known: Context, request: Request) -> tuple[ModelReport, Relatives]:
    """The dossier of a model, and its family, of which pictures are drawn; kinds and statuses leave no gap in a picture.

    HubGenealogyError where the model was not known yet on the day that is asked about.
    """
    key, as_of = request.meant.key, request.as_of
    record = next(iter(_ask(session, request, "model", model=key, as_of=as_of, include_withdrawn=True)), None)
    if record is None:
        raise HubGenealogyError(f"no crawl had seen {request.meant.id} by {as_of}: ask about a later day")
    whole, filters = read(session, key, as_of), request.filters
    family = restrict.along(whole, filters)
    up, down = ways.up(family.links, key), ways.down(family.links, [key])
    above = restrict.ancestors(up, family, filters)
    below = restrict.descendants(down, family.members, family.links, [key], filters)
    left_out = len((whole.above | whole.below) - above.keys() - below.keys())
    rows = Rows(family.members)
    ancestors = rows.ancestors(above, roots(family.links, {key, *up}))
    descendants = rows.descendants(below)
    beside = restrict.beside(_beside(session, request), filters)
    asked = [
        Asked(family.members[key]),
        *on_ways("upstream", family.members, above),
        *_asked_beside(beside, read_members(session, [one.key for one in beside], as_of)),
        *on_ways("downstream", family.members, below),
    ]
    owners = read_owners(session, (one.member.owner for one in asked))
    to_contact = contacts(asked, owners)
    look_alikes, alike = _look_alikes(session, request, record)
    figures = _usual(session, request, above, below) if as_of is None and not filters else None
    report = ModelReport(
        made_at=request.now,
        asked=request.asked,
        as_of=as_of,
        filters=filters,
        model=record,
        names=tuple(_ask(session, request, "names", model=key)),
        crawl=crawls(known),
        summary=summary(
            descendants,
            to_contact,
            ancestors=ancestors,
            beside=len(beside),
            usual=figures,
            look_alikes=look_alikes,
        ),
        limits=limits(
            known,
            as_of,
            [*ancestors, *descendants],
            look_alikes=look_alikes,
            filters=filters,
            left_out=left_out,
        ),
        contacts=to_contact,
        deployers=deployers(asked),
        ancestors=ancestors,
        beside=beside,
        descendants=descendants,
        evidence=rows.evidence,
        owners=owners,
        same_dataset=tuple(_shared(session, request, dataset) for dataset in record["datasets"]),
        licence_conflicts=_conflicts(session, request, {family.members[one].id for one in (key, *above, *below)}),
        look_alikes=alike,
    )
    return report, family


def dataset_report(session: neo4j.Session, known: Context, request: Request) -> DatasetReport:
    """The dossier of a data set: the models that name it or one that is made from it, and all that descends from them."""
    dataset, as_of = request.meant.id, request.as_of
    naming = models_naming(session, request.meant.key, as_of)
    late = datasets.late(naming)
    members, links = read_below(session, naming, as_of)
    filters = request.filters
    tops = sorted(naming, key=lambda key: (members[key].id, key))
    links = restrict.used(links, filters)
    found = {key: Way(key, "trained_on", "declared_by_author", withdrawn=key in late, steps=()) for key in tops}
    found |= ways.down(links, tops, late)
    below = restrict.descendants(found, members, links, tops, filters)
    rows = Rows(members)
    descendants = rows.descendants(below, {key: named.id for key, named in naming.items()})
    itself = datasets.itself(session, request.meant.key, naming)
    asked = [Asked(itself), *on_ways("downstream", members, below)]
    owners = read_owners(session, (one.member.owner for one in asked))
    to_contact = contacts(asked, owners)
    return DatasetReport(
        made_at=request.now,
        asked=request.asked,
        as_of=as_of,
        filters=filters,
        dataset=dataset,
        key=itself.key,
        crawl=crawls(known),
        summary=summary(descendants, to_contact),
        limits=limits(known, as_of, descendants, of_dataset=True, filters=filters, left_out=len(members) - len(below)),
        contacts=to_contact,
        deployers=deployers(asked),
        descendants=descendants,
        evidence=rows.evidence,
        owners=owners,
        trained_on=tuple(
            Naming(
                id=members[key].id,
                key=key,
                sources=naming[key].sources,
                dataset=naming[key].id,
                steps=naming[key].steps,
                link_status=standing(withdrawn=key in late),
            )
            for key in sorted(tops, key=lambda key: importance(members[key]))
        ),
    )


@cache
def saved(name: str) -> library.SavedQuery:
    """The saved query of that name."""
    return library.load(shipped("queries"))[name]


def _ask(session: neo4j.Session, request: Request, name: str, **given: Any) -> list[dict[str, Any]]:
    """The rows of a saved query, as JSON holds them; parameters that are not given have their defaults."""
    query = saved(name)
    values = {parameter.name: parameter.default for parameter in query.parameters} | given
    with answer(session, query, values, request.timeout) as rows:
        columns = [column.name for column in query.columns]
        return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | list) else plain(value)


def _usual(
    session: neo4j.Session, request: Request, above: Mapping[str, Way], below: Mapping[str, Way]
) -> Usual | None:
    descendants, ancestors = ({key for key, way in ways.items() if not way.withdrawn} for ways in (below, above))
    return usual(
        len(descendants),
        len(descendants | ancestors),  # on a cycle, a model is both
        _ask(session, request, "family_sizes"),
        _ask(session, request, "most_followed"),
    )


def _beside(session: neo4j.Session, request: Request) -> tuple[Beside, ...]:
    rows = _ask(session, request, "same_weights", model=request.meant.key, as_of=request.as_of)
    fields = Beside.__struct_fields__
    return tuple(Beside(**{name: row[name] for name in fields}) for row in rows if row["role"] == "sibling")


def _asked_beside(beside: Iterable[Beside], members: Mapping[str, Member]) -> Iterator[Asked]:
    for one in beside:
        withdrawn = one.link_status == "withdrawn"
        yield Asked(members[one.key], "beside", "same_weights", one.certainty, withdrawn, one.distance)


def _shared(session: neo4j.Session, request: Request, dataset: str) -> SharedDataset:
    naming = models_naming(session, dataset, request.as_of)
    keys = {key for key, named in naming.items() if named.steps == 0} - {request.meant.key}
    others = sorted(read_members(session, keys, request.as_of).values(), key=importance)
    return SharedDataset(
        dataset=dataset,
        models=len(others),
        listed=sum(one.status == "listed" for one in others),
        first=tuple(copied(Sharing, one) for one in others[:FIRST]),
    )


def _look_alikes(
    session: neo4j.Session, request: Request, record: Mapping[str, Any]
) -> tuple[int | None, tuple[LookAlike, ...]]:
    """How many candidates there are, and the first of them.

    None where the saved query has nothing to compare: its empty answer would look like "none found".
    """
    if record["parameters"] is None or (record["model_type"] is None and record["architectures"] is None):
        return None, ()
    asked = {"model": request.meant.key, "as_of": request.as_of, "limit": FIRST_LOOK_ALIKES}
    rows = _ask(session, request, "look_alikes", **asked)
    fields = LookAlike.__struct_fields__
    found = tuple(msgspec.convert({name: row[name] for name in fields}, LookAlike) for row in rows)
    return rows[0]["candidates"] if rows else 0, found


def _conflicts(session: neo4j.Session, request: Request, ids: Collection[str]) -> tuple[Conflict, ...]:
    """Licences and links are today's; of a day in the past, only models that were relatives on that day count."""
    found: dict[tuple[Any, ...], list[str]] = {}
    along = list(request.filters.along) or None
    for row in _ask(session, request, "conflicts", model=request.meant.key, paths=0, along=along):
        if row["id"] in ids and row["ancestor"] in ids:
            alike = (row["ancestor"], row["ancestor_license"], tuple(row["license"]), tuple(row["terms"]))
            found.setdefault(alike, []).append(row["id"])
    return tuple(
        Conflict(ancestor=ancestor, ancestor_license=theirs, license=own, terms=terms, models=tuple(models))
        for (ancestor, theirs, own, terms), models in found.items()
    )


def crawls(known: Context) -> Crawls:
    """The crawls that a dossier names."""
    return copied(
        Crawls,
        known.last,
        complete_crawl=copied(Standing, known.sweep) if known.sweep else None,
        first_crawl=copied(Standing, known.first),
    )

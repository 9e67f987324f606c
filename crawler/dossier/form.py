"""The form of a dossier: the one object that JSON holds, that pages are made from, and that a later check reads.

docs/report-data.md describes it for programs. Names, kinds and figures only: sentences are made from them elsewhere.
"""

from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, field

from crawler.records.forgetting import is_stand_in

# Raised where a later version changes what a field means, or what fields there are.
FORM = 3
# The forms of which reports are read: the first two have no look-alikes, which no check compares, and do not say by which data
# set a model was reached.
READABLE = (1, 2, FORM)
HUB = "https://huggingface.co"

T = TypeVar("T", bound=Struct)


def copied(kind: type[T], source: object, /, **given: Any) -> T:
    """A row of that kind with the values that `source` has under the same names; `given` are all others."""
    return kind(**{name: getattr(source, name) for name in kind.__struct_fields__ if name not in given}, **given)


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one step of a way is believed. Steps that are believed for the same reasons share one."""

    relation: str
    certainty: str
    sources: tuple[str, ...]
    """Where the link is said, most trusted first."""
    other_spellings: tuple[str, ...]
    """Every spelling of the parent that was found, its name of today aside."""
    first_seen: datetime | None
    """The first crawl that found the link; None where the graph does not tell."""
    withdrawn: bool
    """Whether the child no longer declares it."""


class Relative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An ancestor or a descendant with the best way between it and what the dossier is about."""

    id: str
    key: str
    klass: str = field(name="class")
    certainty: str
    link_status: str
    """current; or withdrawn, where every way uses a link that its child no longer declares."""
    depth: int
    path: tuple[str, ...]
    """The names of the models on the way, from the descendant to the ancestor."""
    steps: tuple[str, ...]
    """The kinds of its steps, in the same order."""
    evidence: tuple[int, ...]
    """Of each step, the place of its evidence in the dossier's list, counted from 0."""
    status: str
    owner: str | None
    license: str | None
    gated: str | None
    children: int
    downloads: int | None
    dataset: str | None = None
    """Below a data set: which one the model at the end of the way names, the data set itself or one that is made from it."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether every way to it uses a link that its child no longer declares."""
        return self.link_status == "withdrawn"

    @property
    def is_gated(self) -> bool:
        """Whether access must be asked for."""
        return self.gated in ("auto", "manual")


class Beside(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another copy of an original that the model is a copy of: a row of the saved query `same_weights`."""

    id: str
    key: str
    certainty: str
    link_status: str
    distance: int
    """The steps up to the original and down again."""
    status: str
    owner: str | None
    license: str | None
    gated: str | None
    children: int
    downloads: int | None
    contact: str | None


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An owner to contact: the row of the saved query `notify`, with when and how."""

    turn: int
    """1: the publisher and holders of the same weights; 2: adapters, fine-tunes and merges; 3: unclear."""
    direction: str
    """self, upstream, downstream; or beside, for other copies of the same original."""
    wave: int
    klass: str = field(name="class")
    link_status: str
    owner: str | None
    owner_kind: str | None = None
    """person, organisation, or unknown where the Hub was not asked or does not say; None: no owner."""
    verified: bool | None = None
    """Whether the Hub has verified it; None where the Hub does not say."""
    id: str
    """The model to ask about first."""
    key: str
    certainty: str | None
    depth: int
    children: int
    downloads: int | None
    models: int
    listed: int
    total_downloads: int
    all_models: int
    owner_url: str | None
    contact: str | None
    kind: str
    """discussion (the model's discussion page), owner_page, or none."""
    quality: str
    """public (everybody can read it), indirect (it tells who the owner is, and takes no message) or none."""


class Deployer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An inference provider that serves the model or relatives of it, through the Hub and today."""

    provider: str
    direction: str
    """self, upstream, downstream; or beside, for other copies of the same original."""
    klass: str = field(name="class")
    """Of the model that depends most on the weights; its certainty and depth are those below."""
    link_status: str
    certainty: str | None
    depth: int
    models: tuple[str, ...]
    """The names of all that it serves, the one that depends most first."""


class OwnerKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the Hub says of an owner."""

    owner: str
    kind: str
    """person or organisation."""
    verified: bool | None
    """Whether the Hub has verified it; None where the Hub does not say."""


class Sharing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that names the same data set."""

    id: str
    key: str
    status: str
    owner: str | None
    children: int
    downloads: int | None
    contact: str | None


class SharedDataset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A data set that the model names, and the other models that name it, the most important first."""

    dataset: str
    models: int
    """How many others name it; `first` has no more than a hundred of them."""
    listed: int
    first: tuple[Sharing, ...]


class Conflict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Models whose licences allow more than that of an ancestor: rows of the saved query `conflicts` that are alike."""

    ancestor: str
    ancestor_license: str
    license: tuple[str, ...]
    terms: tuple[str, ...]
    """In what they allow more: commercial_use, share_alike, use_restrictions."""
    models: tuple[str, ...]


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a dossier is restricted to, as the saved queries take it; nothing: all."""

    kind: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    status: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kind or self.along or self.status)

    def __str__(self) -> str:
        given = {"kind": self.kind, "along": self.along, "status": self.status}
        return ", ".join(f"{name}={','.join(values)}" for name, values in given.items() if values)


NO_FILTERS = Filters()


class LookAlike(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A candidate to look at by hand, and no relative: a row of the saved query `look_alikes`."""

    id: str
    key: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    created_at: str | None
    owner: str | None
    license: str | None
    children: int
    downloads: int | None
    url: str | None


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that the graph cannot know, or that this dossier leaves out."""

    code: str
    figures: dict[str, int | float | str | tuple[str, ...]]


class Standing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A crawl of the graph."""

    id: str
    kind: str
    started_at: datetime
    complete: bool
    refusals: tuple[str, ...]


class Crawls(Standing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest crawl of the graph, which it stands at; the newest that saw the whole listing; and its first."""

    complete_crawl: Standing | None
    first_crawl: Standing


class Usual(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is usual on the Hub today, to compare with."""

    size: int
    """The model with its ancestors and descendants along links that are declared today."""
    size_from: int
    """The greatest power of two that is not greater."""
    families: int
    """How many families of that size or larger there are; a family is what links connect."""
    share: float
    """Their share of all families; a model without relatives is none."""
    followed_rank: int | None
    """Its place among the models with the most descendants; None where it is not among those that are ranked."""
    followed_ranked: int
    """How many models are ranked so."""


class Summary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers that a first page needs. The figures from `classes` to `deepest` are those of descendants by
    current links.
    """

    descendants: int
    withdrawn: int
    ancestors: int
    beside: int
    """How many others hold the same weights: copies of the same original."""
    roots: tuple[str, ...]
    """The names of the ancestors that derive from nothing known, most important first."""
    classes: dict[str, int]
    status: dict[str, int]
    gated: int
    open: int
    """How many are listed and need no permission."""
    owners: int
    downloads: int
    """The downloads of the listed ones in the last 30 days."""
    deepest: int
    turns: dict[str, int]
    """How many owners there are to contact in each turn; an owner of several turns counts in its first one."""
    usual: Usual | None
    """None for a day in the past, and for a data set."""
    look_alikes: int | None = None
    """How many candidates there are; None where nothing could be compared, and for a data set."""


class Ancestor(Relative, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ancestor of the model."""

    root: bool
    """Whether it derives from nothing known."""


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="about"):
    """What the dossier of a model and that of a data set have in common."""

    form: int = FORM
    made_at: datetime
    """The only field that differs between two reports of the same graph."""
    asked: str
    """The name that was asked about, as it was typed."""
    as_of: str | None
    filters: Filters = NO_FILTERS
    crawl: Crawls
    summary: Summary
    limits: tuple[Limit, ...]
    contacts: tuple[Contact, ...]
    descendants: tuple[Relative, ...]
    evidence: tuple[Evidence, ...]
    deployers: tuple[Deployer, ...] = ()
    owners: tuple[OwnerKind, ...] = ()
    """What is known of the owners in `contacts` and `descendants`; the kind of all others is unknown."""

    def discussion(self, one: Relative) -> str | None:
        """The discussion page of a relative, which is public; None where it is not listed today, or its owner is forgotten.

        It follows from the name, so no row holds it: a family has tens of thousands of them.
        """
        is_listed = one.status == "listed" if self.as_of is None else one.gated is not None
        return f"{HUB}/{one.id}/discussions" if is_listed and not is_stand_in(one.id) else None

    def of_status(self, status: str) -> list[Relative]:
        """The descendants that are listed, gone or absent."""
        return [one for one in self.descendants if one.status == status]


class ModelReport(Report, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="model"):
    """The dossier of a model."""

    model: dict[str, Any]
    """The row of the saved query `model`."""
    names: tuple[dict[str, Any], ...]
    """The rows of the saved query `names`: the names that it has had, and who else has or had them."""
    ancestors: tuple[Ancestor, ...]
    beside: tuple[Beside, ...]
    """The other copies of the originals that the model is a copy of."""
    same_dataset: tuple[SharedDataset, ...]
    licence_conflicts: tuple[Conflict, ...]
    look_alikes: tuple[LookAlike, ...] = ()
    """No more than the first fifty of them."""


class Naming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that says that it was trained on the data set, or on one that is made from it."""

    id: str
    key: str
    sources: tuple[str, ...]
    """Where it says so: tag, card."""
    dataset: str | None = None
    """Which data set it names: of several, the nearest one. None in a report of an earlier form."""
    steps: int = 0
    """How far that one is from the data set: 0 is the data set itself."""
    link_status: str = "current"
    """withdrawn, where only links that are no longer declared lead from it to the data set."""


class DatasetReport(Report, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="dataset"):
    """The dossier of a data set.

    Its descendants are the models that name it or one that is made from it, of class `trained_on` and at depth 0, and what
    descends from these; a path ends with the model that names a data set.
    """

    dataset: str
    """Its name."""
    key: str | None = None
    """Its key in the graph; None in a report of an earlier form."""
    trained_on: tuple[Naming, ...]


AnyReport = ModelReport | DatasetReport

"""What the graph holds of a model and of those that it descends from, as the rules need it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence with its terms, as the graph has them; None where it has none."""

    id: str
    osi_approved: str | None = None
    commercial_use: str | None = None
    use_restrictions: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that a model names. Its status is `absent`, and its gate None, where no crawl has listed it."""

    id: str
    status: str | None = None
    gated: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A model, with the properties of its node that show anything about openness."""

    key: str
    id: str
    status: str
    gone_reason: str | None = None
    created_at: datetime | None = None
    gated: str | None = None
    disabled: bool | None = None
    weight_formats: tuple[str, ...] = ()
    parameters: int | None = None
    library: str | None = None
    providers: tuple[str, ...] = ()
    """The inference providers that serve it."""
    model_type: str | None = None
    architectures: tuple[str, ...] = ()
    has_card: bool | None = None
    languages: tuple[str, ...] = ()
    pipeline_tag: str | None = None
    papers: tuple[str, ...] = ()
    url: str | None = None
    licences: tuple[Licence, ...] = ()
    datasets: tuple[Dataset, ...] = ()


class Step(NamedTuple):
    """A link that a child declares today; both are keys."""

    child: str
    parent: str
    relation: str


@dataclass(frozen=True)
class Facts:
    """A model and all that it descends from."""

    model: Record
    lineage: tuple[Record, ...]
    """The model itself and its ancestors."""
    bases: tuple[Record, ...]
    """Those of them that declare no parent; the model itself where it declares none. None of a circle."""
    relations: frozenset[str]
    """The kinds of all steps among them."""


@dataclass(frozen=True)
class Family:
    """Models, and the steps among them. Of each model whose facts are asked for, all ancestors must be there."""

    records: Mapping[str, Record]
    steps: tuple[Step, ...]
    _above: dict[str, list[Step]] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for step in self.steps:
            if step.child != step.parent:
                self._above.setdefault(step.child, []).append(step)

    def facts(self, key: str) -> Facts:
        """The facts of one model."""
        keys = self._lineage(key)
        lineage = tuple(sorted((self.records[one] for one in keys), key=lambda record: (record.id, record.key)))
        return Facts(
            model=self.records[key],
            lineage=lineage,
            bases=tuple(record for record in lineage if record.key not in self._above),
            relations=frozenset(step.relation for one in keys for step in self._above.get(one, ())),
        )

    def _lineage(self, key: str) -> Iterable[str]:
        found, level = {key}, {key}
        while level:
            level = {step.parent for one in level for step in self._above.get(one, ())} - found
            found |= level
        return found

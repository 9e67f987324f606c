"""The rules: what the facts of a model show for each criterion. Pure functions.

What the listing does not show is `not derivable`, never `closed`. `closed` is said of weights alone, where the Hub says
that nobody can get them. Where a criterion asks for more than a listing can show (that a preprint covers everything,
that a card is comprehensive), the best verdict is `partial`. docs/openness.md gives the reasons.

The saved query `openness_of` states the same rules in Cypher; a test compares both on random families.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crawler.openness.facts import Dataset, Facts, Record

OPEN, PARTIAL, CLOSED, NOT_DERIVABLE = "open", "partial", "closed", "not derivable"
VERDICTS: Final = (OPEN, PARTIAL, CLOSED, NOT_DERIVABLE)
# The names are those of the index's own files, in its order: https://opening-up-chatgpt.github.io
CRITERIA: Final = {
    "opencode": "availability", "llmdata": "availability", "llmweights": "availability", "rldata": "availability",
    "rlweights": "availability", "license": "availability", "code": "documentation", "architecture": "documentation",
    "preprint": "documentation", "paper": "documentation", "modelcard": "documentation", "datasheet": "documentation",
    "package": "access", "api": "access",
}  # fmt: skip

TUNED: Final = frozenset({"finetune", "adapter", "merge"})
COPIED: Final = frozenset({"quantized", "copy"})
SHOWN_NAMES = 5
# Of several bases, the one that shows least decides what is said.
_LEAST: Final = (CLOSED, NOT_DERIVABLE, PARTIAL, OPEN)
_CIRCLE: Final = "its ancestors go round in a circle"
# The Hub gives a repository a DOI of its own; arXiv gives one to each preprint.
_OF_THE_HUB, _OF_ARXIV = "doi:10.57967/", "doi:10.48550/"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known for one criterion, and what says so: the property `field` of the model `id`."""

    criterion: str
    verdict: str
    reason: str
    field: str | None
    value: str | None
    id: str
    """The model in whose record the evidence stands: the model itself, or a base."""
    status: str
    url: str | None


def judge(facts: Facts) -> tuple[Finding, ...]:
    """A finding for each criterion, in the order of CRITERIA."""
    absent = facts.model.status == "absent"
    said = {name: _weights(facts.model) if absent else _RULES[name](facts) for name in CRITERIA}
    return tuple(
        Finding(name, one.verdict, one.reason, one.field, one.value, one.record.id, one.record.status, one.url)
        for name, one in said.items()
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a rule says, whichever criterion asks it."""

    verdict: str
    reason: str
    record: Record
    field: str | None = None
    value: str | None = None
    url: str | None = None


_Rule = Callable[[Facts], _Said]


def _shown(record: Record, verdict: str, reason: str, field: str, value: str | None) -> _Said:
    """What a property of a record shows; its page can be opened while it is listed."""
    return _Said(verdict, reason, record, field, value, record.url if record.status == "listed" else None)


def _nothing(record: Record, reason: str) -> _Said:
    return _Said(NOT_DERIVABLE, reason, record)


def _never(reason: str) -> _Rule:
    return lambda facts: _nothing(facts.model, reason)


def _weights(record: Record) -> _Said:
    gone = record.status == "gone"
    listed = bool(record.weight_formats) or record.parameters is not None
    for holds, verdict, reason, field in (
        (record.status == "absent", NOT_DERIVABLE, "no listing ever held it: nothing is known of it", "status"),
        (gone and record.gone_reason == "deleted_or_private", CLOSED, "it was deleted or made private", "gone_reason"),
        (gone, NOT_DERIVABLE, "it is no longer listed, and nobody knows why", "status"),
        (record.disabled is True, CLOSED, "the Hub has disabled the repository", "disabled"),
        (not listed, NOT_DERIVABLE, "no file format of weights is listed", None),
        (record.gated == "false", OPEN, "its weights are listed and not gated", "gated"),
        (record.gated == "auto", PARTIAL, "its weights are gated: whoever asks gets access", "gated"),
        (record.gated == "manual", PARTIAL, "its weights are gated: the owner decides", "gated"),
    ):
        if holds and field:
            value = getattr(record, field)
            return _shown(record, verdict, reason, field, "true" if value is True else value)
        if holds:
            return _nothing(record, reason)
    return _nothing(record, "whether its weights are gated is not known")


def _llm_weights(facts: Facts) -> _Said:
    # A copy in another precision or format holds the base's weights itself.
    if facts.relations <= COPIED:
        return _weights(facts.model)
    if not facts.bases:
        return _nothing(facts.model, _CIRCLE)
    found = sorted((_weights(base) for base in facts.bases), key=lambda one: _LEAST.index(one.verdict))
    verdicts = {one.verdict for one in found}
    if len(verdicts) == 1:
        return found[0]
    return replace(found[0], verdict=PARTIAL if verdicts & {OPEN, PARTIAL} else NOT_DERIVABLE)


def _untuned(facts: Facts) -> _Said | None:
    if facts.relations & TUNED:
        return None
    if facts.relations <= COPIED:
        return _nothing(facts.model, "it declares no training of another model's weights")
    return _nothing(facts.model, "how it was made from its parent is not declared")


def _rl_weights(facts: Facts) -> _Said:
    return _untuned(facts) or _weights(facts.model)


def _named(records: Sequence[Record]) -> list[Dataset]:
    return sorted({dataset for record in records for dataset in record.datasets}, key=lambda dataset: dataset.id)


def _names(datasets: Sequence[Dataset]) -> str:
    shown = ", ".join(dataset.id for dataset in datasets[:SHOWN_NAMES])
    return shown if len(datasets) <= SHOWN_NAMES else f"{shown} and {len(datasets) - SHOWN_NAMES} more"


def _data(record: Record, datasets: Sequence[Dataset]) -> _Said:
    if not datasets:
        return _nothing(record, "no data set is named")
    if all(dataset.status == "listed" and dataset.gated == "false" for dataset in datasets):
        verdict, reason = OPEN, "every data set that is named is listed and open"
    elif all(dataset.status == "gone" for dataset in datasets):
        verdict, reason = NOT_DERIVABLE, "each data set that is named is gone from the Hub"
    else:
        verdict, reason = PARTIAL, "data sets are named; not all are known to be open"
    return _shown(record, verdict, reason, "TRAINED_ON", _names(datasets))


def _llm_data(facts: Facts) -> _Said:
    # Where nothing was tuned, a copy names the data of its base.
    if facts.relations <= COPIED:
        return _data(facts.model, _named(facts.lineage))
    if not facts.bases:
        return _nothing(facts.model, _CIRCLE)
    naming = [base for base in facts.bases if base.datasets]
    return _data((naming or facts.bases)[0], _named(facts.bases))


def _rl_data(facts: Facts) -> _Said:
    tuned = [record for record in facts.lineage if record not in facts.bases]
    return _untuned(facts) or _data(facts.model, _named(tuned))


def _licence(facts: Facts) -> _Said:
    licences = facts.model.licences
    if not licences:
        return _nothing(facts.model, "no licence is declared")
    approved = [licence.osi_approved == "yes" for licence in licences]
    if all(approved):
        verdict, reason = OPEN, "its licence is approved by the OSI"
    elif any(approved):
        verdict, reason = PARTIAL, "not all of its licences are approved by the OSI"
    elif any(one.commercial_use in ("no", "conditions") or one.use_restrictions == "yes" for one in licences):
        verdict, reason = PARTIAL, "its licence restricts what may be done with it"
    elif any(one.commercial_use == "yes" for one in licences):
        verdict, reason = PARTIAL, "its licence is not known to be approved by the OSI"
    else:
        verdict, reason = NOT_DERIVABLE, "the terms of its licence are not known"
    return _shown(facts.model, verdict, reason, "license", ", ".join(one.id for one in licences))


def _architecture(facts: Facts) -> _Said:
    model = facts.model
    value = ", ".join(model.architectures) or model.model_type
    if not value:
        return _nothing(model, "no configuration names the architecture")
    field = "architectures" if model.architectures else "model_type"
    return _shown(model, PARTIAL, "its configuration names it, and no training set-up", field, value)


def _preprint(facts: Facts) -> _Said:
    found = [tag for tag in facts.model.papers if tag.startswith(("arxiv:", _OF_ARXIV))]
    if not found:
        return _nothing(facts.model, "no preprint is linked")
    return _linked(facts.model, PARTIAL, "a preprint is linked; what it covers is not known", found)


def _paper(facts: Facts) -> _Said:
    model = facts.model
    own = [tag for tag in model.papers if tag.startswith(_OF_THE_HUB)]
    found = [tag for tag in model.papers if not tag.startswith(("arxiv:", _OF_THE_HUB, _OF_ARXIV))]
    if found:
        return _linked(model, PARTIAL, "a DOI is given; whether it was reviewed is unknown", found)
    if own:
        return _linked(model, NOT_DERIVABLE, "its only DOI is that of the repository itself", own)
    return _nothing(model, "no DOI is given")


def _linked(model: Record, verdict: str, reason: str, tags: Sequence[str]) -> _Said:
    kind, _, name = tags[0].partition(":")
    url = f"https://arxiv.org/abs/{name}" if kind == "arxiv" else f"https://doi.org/{name}"
    return _Said(verdict, reason, model, "papers", ", ".join(tags), url)


def _card(facts: Facts) -> _Said:
    model = facts.model
    if not model.has_card:
        return _nothing(model, "no card with metadata is listed")
    parts = {
        "license": model.licences, "languages": model.languages, "datasets": model.datasets,
        "pipeline_tag": model.pipeline_tag, "library": model.library, "base_model": facts.relations,
    }  # fmt: skip
    there = [name for name, value in parts.items() if value]
    value = f"{len(there)} of {len(parts)}" + (f": {', '.join(there)}" if there else "")
    return _shown(model, PARTIAL, "its card has metadata; its text is not read", "has_card", value)


def _data_sheet(facts: Facts) -> _Said:
    named = _named(facts.lineage)
    if not named:
        return _nothing(facts.model, "no data set is named")
    reason = "data sets are named; their sheets are not known"
    return _shown(facts.model, NOT_DERIVABLE, reason, "TRAINED_ON", _names(named))


def _package(facts: Facts) -> _Said:
    model = facts.model
    if not model.library:
        return _nothing(model, "no library is named")
    return _shown(model, PARTIAL, "a library of others loads it", "library", model.library)


def _api(facts: Facts) -> _Said:
    model = facts.model
    if not model.providers or model.status != "listed":
        return _nothing(model, "no inference provider is listed for it")
    return _shown(model, OPEN, "inference providers serve it", "providers", ", ".join(model.providers))


_RULES: Final[dict[str, _Rule]] = {
    "opencode": _never("no field of the listing names its source code"),
    "llmdata": _llm_data,
    "llmweights": _llm_weights,
    "rldata": _rl_data,
    "rlweights": _rl_weights,
    "license": _licence,
    "code": _never("no field shows how its code is documented"),
    "architecture": _architecture,
    "preprint": _preprint,
    "paper": _paper,
    "modelcard": _card,
    "datasheet": _data_sheet,
    "package": _package,
    "api": _api,
}

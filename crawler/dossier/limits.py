"""What a dossier cannot know or leaves out: codes with figures. A model that is missing in it is never "safe"."""

from collections.abc import Sequence

from crawler.answers.context import Context
from crawler.dossier.form import NO_FILTERS, Filters, Limit, Relative

# What declared lineage covers of the real derivations, and how much of it is right (docs/lineage.md).
DECLARED = Limit(
    code="declared_lineage",
    figures={"recall": 0.685, "precision": 0.972, "source": "A First Look at Model Supply Chain, arXiv, 2025"},
)


def limits(
    known: Context,
    as_of: str | None,
    relatives: Sequence[Relative],
    *,
    of_dataset: bool = False,
    look_alikes: int | None = None,
    filters: Filters = NO_FILTERS,
    left_out: int = 0,
) -> tuple[Limit, ...]:
    """What holds of every dossier, then what holds of this one."""
    found = [
        DECLARED,
        Limit(code="private_models", figures={}),
        Limit(code="copies_elsewhere", figures={}),
    ]
    if of_dataset:
        found.append(Limit(code="look_alikes_not_searched", figures={}))
        found.append(Limit(code="data_sets_named_only", figures={}))
    elif look_alikes is None:
        found.append(Limit(code="look_alikes_not_comparable", figures={}))
    counts = {
        "unclear": sum(one.klass == "unclear" for one in relatives),
        "gone": sum(one.status == "gone" for one in relatives),
        "absent": sum(one.status == "absent" for one in relatives),
        "withdrawn": sum(one.is_withdrawn for one in relatives),
    }
    found += [Limit(code=code, figures={"models": count}) for code, count in counts.items() if count]
    if filters:
        found.append(Limit(code="filtered", figures={"filters": str(filters), "models": left_out}))
    if known.removed:
        found.append(Limit(code="removed", figures={"models": known.removed}))
    if as_of is not None:
        found.append(Limit(code="other_properties_of_today", figures={"as_of": as_of}))
    if not known.last.complete:
        figures = {"crawl": known.last.id} | ({"complete_crawl": known.sweep.id} if known.sweep else {})
        found.append(Limit(code="incomplete_crawl", figures={**figures}))
    if known.last.refusals:
        found.append(Limit(code="refused", figures={"crawl": known.last.id, "refusals": known.last.refusals}))
    return tuple(found)

"""Which of the models that a crawl did not list any more count as gone, and why none does where none may.

A walk that ended well can still have a hole. So a sample of what vanished is asked for one by one: a model that answers
under the `_id` it always had was missed by the walk, and then nothing is believed gone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crawler.crawl_warnings import CrawlWarning
from crawler.hub.archive import DetailAnswer
from crawler.manifests import CrawlManifest
from crawler.questions.question import CONCLUSIVE_STATUSES


@dataclass(frozen=True)
class Retirement:
    """The decision about the vanished models: whether they are retired; where a safety check refused, why.

    `still_there` are keys that the Hub still has, or of which nobody can know that, and that are not retired; `confirmed` are
    keys that it has no more.
    """

    accepted: bool
    refused_because: CrawlWarning | None = None
    has_hole: bool = False
    still_there: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    waits_because: CrawlWarning | None = None
    """Why models that cannot be asked for are not retired yet."""


def decide(
    crawl: CrawlManifest,
    *,
    complete: bool,
    vanished: int,
    listed: int,
    answers: Iterable[DetailAnswer],
    unaskable: Collection[str] = (),
) -> Retirement:
    """Decide on `vanished` of the `listed` models that the crawl before knew, by what the Hub said of some of them.

    `unaskable` are keys of forgotten owners' models, which have no name to ask for: they are retired with others, which show
    that the walk is right, or where nothing is asked at all. Without answers, this is the decision as far as it can be made
    before anything is asked.
    """
    if not complete or vanished == 0:
        return Retirement(accepted=complete)
    limit, share = crawl.max_vanished_share, vanished / listed
    if share > limit and not crawl.accept_vanished:
        refused = CrawlWarning.of("vanished_share", vanished=vanished, listed=listed, share=share, limit=limit)
        return Retirement(accepted=False, refused_because=refused)
    asked = list(answers)
    conclusive = {answer.key: answer for answer in asked if answer.key and answer.detail.status in CONCLUSIVE_STATUSES}
    if asked and not conclusive:
        refused = CrawlWarning.of("vanished_unknown", asked=len(asked), status=asked[0].detail.status)
        return Retirement(accepted=False, refused_because=refused)
    there = {
        key: answer for key, answer in conclusive.items() if answer.detail.key == key and not answer.detail.private
    }
    # A disabled model may be out of the listing and is still there: it stays as it was.
    missed = [answer for answer in there.values() if not answer.detail.disabled]
    if missed:
        refused = CrawlWarning.of("hole", missed=len(missed), asked=len(conclusive), example=missed[0].name)
        return Retirement(accepted=False, refused_because=refused, has_hole=True)
    confirmed = tuple(key for key in conclusive if key not in there)
    waiting = () if confirmed or crawl.confirm_sample == 0 or crawl.accept_vanished else tuple(unaskable)
    waits = CrawlWarning.of("forgotten_vanished", models=len(waiting)) if waiting else None
    return Retirement(accepted=True, still_there=(*there, *waiting), confirmed=confirmed, waits_because=waits)

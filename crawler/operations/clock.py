"""Whether this machine's clock can be believed: compared with the Hub's, and with the last crawl's start."""

from datetime import datetime, timedelta

from crawler.operations.check import Check, fail, ok
from crawler.readable import duration


def check_hub_clock(hub: datetime | None, now: datetime, limit: timedelta | None) -> Check:
    """Compare `now` with the Hub's clock; `limit` is hub.max_clock_skew."""
    if limit is None:
        return ok("clock", "not compared with the Hub's: hub.max_clock_skew is off")
    if hub is None:
        return ok("clock", "not compared: the Hub's answer has no Date")
    skew = now - hub
    if abs(skew) <= limit:
        return ok("clock", f"within {duration(limit.total_seconds())} of the Hub's")
    where = f"{duration(abs(skew).total_seconds())} {'ahead of' if skew > timedelta() else 'behind'}"
    return fail(
        "clock",
        f"this machine's clock ({now:%Y-%m-%d %H:%M} UTC) is {where} the Hub's ({hub:%Y-%m-%d %H:%M} UTC), "
        "more than hub.max_clock_skew: set the clock",
    )


def started_in_future(crawl: str, started_at: datetime, now: datetime, limit: timedelta | None) -> str | None:
    """What is wrong where the last crawl started later than `now`; None where it did not, or where that is not looked at."""
    if limit is None or started_at - now <= limit:
        return None
    return (
        f"the last crawl, {crawl}, started {duration((started_at - now).total_seconds())} in the future of this machine's clock "
        f"({now:%Y-%m-%d %H:%M} UTC): set the clock right; if it is right, the last crawl was made with a wrong one: move "
        f"archive/{crawl}, snapshots/{crawl} and changes/{crawl} out of the state folder, then run hub-genealogy rebuild and "
        "crawl again"
    )

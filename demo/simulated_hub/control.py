"""Orders to the simulation, as JSON below `/_control/`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from demo.simulated_hub.answers import Answer, as_json
from demo.simulated_hub.changes import apply_all, check
from demo.simulated_hub.listing import Listing, dumps, read_lines
from demo.simulated_hub.site import Site

CONTROL = "/_control/"


class Closable(Protocol):
    """What can be closed for a time."""

    def close(self, seconds: float | None = None) -> None:
        """Refuse connections."""


class Control:
    """Carries out one order at a time."""

    def __init__(self, site: Site, door: Closable) -> None:
        self._site = site
        self._door = door
        self._orders: dict[str, Callable[[dict[str, Any]], Any]] = {
            "anew": self._anew,
            "changes": self._changes,
            "faults": self._faults,
            "heal": self._heal,
            "listing": self._listing,
            "quota": self._quota,
            "log": self._log,
            "forget": self._forget,
            "records": self._records,
        }

    def obey(self, order: str, body: bytes) -> tuple[Answer, Callable[[], None]]:
        """The answer to an order, and what is to be done when it has been sent."""
        try:
            options = json.loads(body or b"{}")
            if order == "pause":
                seconds = float(options["seconds"])
                return as_json({}), lambda: self._door.close(seconds)
            if order not in self._orders:
                return as_json({"error": f"there are {', '.join([*self._orders, 'pause'])}"}, 404), _nothing
            with self._site.lock:
                if order != "anew":
                    self._complain()
                result = self._orders[order](options)
                return Answer(body=result if isinstance(result, bytes) else dumps(result)), _nothing
        except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
            return as_json({"error": f"{type(error).__name__}: {error}"}, 400), _nothing

    def _complain(self) -> None:
        failures, self._site.failures = self._site.failures, []
        if failures:
            raise ValueError("; ".join(failures))

    def _changes(self, options: dict[str, Any]) -> Any:
        """Takes `changes` (a list) or `path` (a file), `after` (a number of page requests), and `of`: models or datasets."""
        changes = options["changes"] if "path" not in options else list(map(json.loads, read_lines(_path(options))))
        check(changes)
        self._site.later(_of(options), changes, int(options.get("after", 0)))
        return {"changes": len(changes)}

    def _anew(self, options: dict[str, Any]) -> Any:
        """`records` or `path` as for `listing`; nothing that was ordered, scheduled or asked before counts any more."""
        self._site.begin_anew()
        self._site.listings["datasets"] = Listing()
        return self._listing(options)

    def _listing(self, options: dict[str, Any]) -> Any:
        """`records` (a list) or `path` (a file of them), in place of all models (or data sets), former names included."""
        self._site.listings[_of(options)] = Listing(
            read_lines(_path(options)) if "path" in options else map(dumps, options["records"])
        )
        return {"repositories": len(self._site.listings[_of(options)].rows)}

    def _faults(self, options: dict[str, Any]) -> Any:
        self._site.faults.add(**options)
        return {}

    def _heal(self, _: dict[str, Any]) -> Any:
        self._site.faults.clear()
        return {}

    def _quota(self, options: dict[str, Any]) -> Any:
        self._site.quota.change(**options)
        return {}

    def _log(self, options: dict[str, Any]) -> Any:
        return self._site.log_as_json()[int(options.get("since", 0)) :]

    def _forget(self, _: dict[str, Any]) -> Any:
        self._site.log.clear()
        return {}

    def _records(self, options: dict[str, Any]) -> bytes:
        """What a whole walk should find now, or one repository, hidden and private ones included."""
        listing = self._site.listings[_of(options)]
        if "name" in options:
            row = listing.find(options["name"])
            return b"null" if row is None else row.raw
        return b"[%b]" % b",".join([row.raw for row in listing.listed()])


def start_with(site: Site, changes: list[Path]) -> None:
    """Apply files of changes before anybody asks."""
    for path in changes:
        apply_all(site.listings["models"], map(json.loads, read_lines(path)))


def _of(options: dict[str, Any]) -> str:
    return str(options.get("of", "models"))


def _path(options: dict[str, Any]) -> Path:
    return Path(options["path"])


def _nothing() -> None:
    pass

"""What happens to models while somebody walks the listing."""

from collections.abc import Callable, Iterable
from typing import Any

from demo.simulated_hub.listing import Listing, Row, dumps

BULK = 1000


class UnknownModelError(ValueError):
    """A change names a model that the simulated Hub does not hold."""


def apply_all(listing: Listing, changes: Iterable[dict[str, Any]]) -> int:
    """Apply the changes in order; how many there were."""
    changes = list(changes)
    if len(changes) > BULK:
        listing.forget_orders()
    for change in changes:
        OPERATIONS[change["op"]](listing, change)
    return len(changes)


def check(changes: Iterable[dict[str, Any]]) -> None:
    """Refuse changes that no Hub could ever make, before the first of them is made."""
    for change in changes:
        if change.get("op") not in OPERATIONS:
            raise ValueError(f"unknown change {change.get('op')!r}; there are {', '.join(OPERATIONS)}")


def _add(listing: Listing, options: dict[str, Any]) -> None:
    listing.put(Row(dumps(options["record"])))


def _delete(listing: Listing, options: dict[str, Any]) -> None:
    row = _row(listing, options)
    listing.hide(row, hidden=False)
    listing.remove(row.hub_id)


def _update(listing: Listing, options: dict[str, Any]) -> None:
    """Set fields; None takes one away. `lastModified` is a field like any other."""
    record = _row(listing, options).record | options["fields"]
    listing.put(Row(dumps({name: value for name, value in record.items() if value is not None})))


def _rename(listing: Listing, options: dict[str, Any]) -> None:
    """Keep the `_id`, redirect the old name, and let children name the new one, lastModified untouched."""
    row, new = _row(listing, options), options["to"]
    old = row.name
    record = row.record | {"id": new}
    if "author" in record:
        record["author"] = new.rpartition("/")[0]
    record.pop("modelId", None)
    listing.put(Row(dumps(record)))
    listing.redirects.pop(new.lower(), None)
    if new.lower() != old.lower():
        listing.redirects[old.lower()] = new
    for child in [other for other in listing.rows.values() if old.encode() in other.raw]:
        changed = _followed(child.record, row.hub_id, old, new, keep_old_tags=bool(options.get("keep_old_tags")))
        listing.put(Row(dumps(changed)))


def _redirect(listing: Listing, options: dict[str, Any]) -> None:
    """Let a name that no listing holds lead to another, as legacy names do."""
    listing.redirects[options["from"].lower()] = options["to"]


def _gate(listing: Listing, options: dict[str, Any]) -> None:
    _update(listing, options | {"fields": {"gated": options.get("gated", "auto")}})


def _disable(listing: Listing, options: dict[str, Any]) -> None:
    _update(listing, options | {"fields": {"disabled": True}})


def _hide(listing: Listing, options: dict[str, Any]) -> None:
    listing.hide(_row(listing, options), hidden=True)


def _show(listing: Listing, options: dict[str, Any]) -> None:
    listing.hide(_row(listing, options), hidden=False)


OPERATIONS: dict[str, Callable[[Listing, dict[str, Any]], None]] = {
    "add": _add,
    "create": _add,
    "delete": _delete,
    "update": _update,
    "rename": _rename,
    "redirect": _redirect,
    "gate": _gate,
    "disable": _disable,
    "hide": _hide,
    "show": _show,
}


def _row(listing: Listing, options: dict[str, Any]) -> Row:
    """The model that a change is about: by `_id` if it has one, by name otherwise."""
    model = options["_id"] if "_id" in options else options["id"]
    row = listing.find(model)
    if row is None:
        raise UnknownModelError(f"there is no model {model!r}")
    return row


def _followed(record: dict[str, Any], hub_id: str, old: str, new: str, *, keep_old_tags: bool) -> dict[str, Any]:
    """The record of a child after its parent was renamed: the Hub's own fields follow, the card does not."""
    changed = dict(record)
    if "baseModels" in record:
        models = [m | {"id": new} if m.get("_id") == hub_id else m for m in record["baseModels"]["models"]]
        changed["baseModels"] = record["baseModels"] | {"models": models}
    if isinstance(record.get("tags"), list):
        changed["tags"] = [name for tag in record["tags"] for name in _tags(tag, old, new, keep_old_tags=keep_old_tags)]
    return changed


def _tags(tag: Any, old: str, new: str, *, keep_old_tags: bool) -> list[Any]:
    if not (isinstance(tag, str) and tag.startswith("base_model:") and tag.endswith(f":{old}")):
        return [tag]
    renamed = tag.removesuffix(old) + new
    return [tag, renamed] if keep_old_tags else [renamed]

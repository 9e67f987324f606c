"""What changed since a dossier was made: its file is read again and compared with a new one of the same question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from crawler.dossier.form import READABLE, AnyReport, Beside, ModelReport, Relative
from crawler.dossier.packed import unpacked
from crawler.errors import UsageError
from crawler.files import read_given_bytes

# What an HTML dossier holds around its object; inside the object, markup is escaped.
SCRIPT = b'<script type="application/json" id="report">'
SCRIPT_END = b"</script>"
# The page of 30,000 models has 9 MB.
LARGEST: Final = 1 << 30


@dataclass(frozen=True)
class Change:
    """One change, as the row of a list."""

    change: str
    """new, gone, no_longer_declared, changed or missing (the graph does not relate it any more)."""
    side: str
    """model, ancestor, beside (another copy of the same original) or descendant."""
    id: str
    key: str
    what: str | None = None
    """Of a change: class, certainty, name, status or gate."""
    before: str | None = None
    after: str | None = None


COLUMNS = tuple(field.name for field in fields(Change))


_Row = Relative | Beside


class _Head(msgspec.Struct):
    """What every form has, whichever version wrote it."""

    about: str
    form: int


def read_report(file: Path) -> AnyReport:
    """The object of a dossier in JSON or HTML.

    Raises UsageError for a file that cannot be read, holds no dossier or a damaged one, or one of another form.
    """
    content = read_given_bytes(file, LARGEST)
    if not content.lstrip().startswith(b"{"):
        _before, script, rest = content.partition(SCRIPT)
        content, end, _after = rest.partition(SCRIPT_END)
        if not (script and end):
            raise UsageError(f"{file} is no report of hub-genealogy, neither in JSON nor in HTML, or it was cut off")
    try:
        head = msgspec.json.decode(content, type=_Head)
        report = _decoded(content) if head.form in READABLE else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is no report of hub-genealogy, or it is damaged: {error}") from None
    if report is not None:
        return report
    forms = ", ".join(map(str, READABLE))
    raise UsageError(
        f"{file} is a report of form {head.form}, and this version reads forms {forms}: make the report anew"
    )


def _decoded(content: bytes) -> AnyReport:
    held = msgspec.json.decode(content, type=dict[str, Any])
    return msgspec.convert(unpacked(held) if "shared" in held else held, AnyReport)  # type: ignore[no-any-return]  # msgspec types no union


def changes(before: AnyReport, after: AnyReport) -> Iterator[Change]:
    """What is different in `after`, of the model itself, of ancestors, of other copies, of descendants.

    Look-alikes are not compared: they are no relatives, and a report has only the first of them.
    """
    if isinstance(before, ModelReport) and isinstance(after, ModelReport):
        yield from _of_the_model(before, after)
        yield from _of_relatives("ancestor", before.ancestors, after.ancestors)
        yield from _of_relatives("beside", before.beside, after.beside)
    yield from _of_relatives("descendant", before.descendants, after.descendants)


def _of_the_model(before: ModelReport, after: ModelReport) -> Iterator[Change]:
    old, new = (
        {"name": one["id"], "status": one["status"], "gate": one["gated"]} for one in (before.model, after.model)
    )
    yield from _differences(Change("changed", "model", after.model["id"], after.model["key"]), old, new)


def _of_relatives(side: str, before: Sequence[_Row], after: Sequence[_Row]) -> Iterator[Change]:
    now = {one.key: one for one in after}
    appeared = {one.id.lower(): one for one in after if not one.key.startswith("absent:")}
    same = {one.key: _now(one, now, appeared) for one in before}
    known = {one.key for one in same.values() if one is not None}
    for one in after:
        if one.key not in known:
            yield Change("new", side, one.id, one.key, after=_class(one))
    for old in before:
        new = same[old.key]
        if new is None:
            yield Change("missing", side, old.id, old.key, before=_class(old))
            continue
        change = Change("changed", side, new.id, new.key)
        if (old.link_status, new.link_status) == ("current", "withdrawn"):
            yield replace(change, change="no_longer_declared", before=_class(old), after=_class(new))
        yield from _differences(change, _compared(old), _compared(new))


def _now(old: _Row, now: Mapping[str, _Row], appeared: Mapping[str, _Row]) -> _Row | None:
    """The same model today. One that was only a name may have a key of its own since."""
    name = old.key.removeprefix("absent:")
    return now.get(old.key) or (None if name == old.key else appeared.get(name))


def _class(one: _Row) -> str:
    return one.klass if isinstance(one, Relative) else "same_weights"


def _compared(one: _Row) -> dict[str, str | None]:
    return {
        "class": _class(one),
        "certainty": one.certainty,
        "name": one.id,
        "status": one.status,
        "gate": one.gated,
    }


def _differences(change: Change, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Change]:
    listed = before["status"] == after["status"] == "listed"
    for what, value in after.items():
        if value != before[what] and (listed or what != "gate"):  # what is not listed has no gate
            kind = "gone" if (what, value) == ("status", "gone") else "changed"
            yield replace(change, change=kind, what=what, before=before[what], after=value)

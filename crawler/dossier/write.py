"""A dossier as JSON and as CSV; its object is what everything else is made from."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

import msgspec

from crawler.answers.formats import write_csv
from crawler.dossier.contacts import what
from crawler.dossier.form import AnyReport, DatasetReport, ModelReport, Relative
from crawler.dossier.packed import packed

_LEFT_OUT = {ModelReport: {"evidence", "dataset"}, DatasetReport: {"evidence"}}


def write_json(report: AnyReport, out: TextIO) -> None:
    """Write one object: a line for each field, and for each row of a list."""
    out.writelines(json_lines(report))


def json_lines(report: AnyReport, *, short: bool = False) -> Iterator[str]:
    """The lines of the object; the short fields come first. `short`: descendants as in `crawler.dossier.packed`.

    No `<`, `>` or `&` is in them, so they can stand inside a page as they are, and nothing but ASCII, so no name can
    send control sequences to a terminal.
    """
    fields = {field.encode_name: getattr(report, field.name) for field in msgspec.structs.fields(report)}
    content = {"about": report.__struct_config__.tag, **fields}
    if short:
        content |= msgspec.structs.asdict(packed(report.descendants))
    separator = "{\n"
    for name, value in sorted(content.items(), key=lambda item: isinstance(item[1], tuple)):
        yield f'{separator}"{name}": '
        if isinstance(value, tuple) and value:
            yield "[\n"
            for place, row in enumerate(value, start=1):
                yield _text(row) + ("\n]" if place == len(value) else ",\n")
        else:
            yield _text(value)
        separator = ",\n"
    yield "\n}\n"


_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
_MARKUP = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def _text(value: Any) -> str:
    return _ENCODE(msgspec.to_builtins(value)).translate(_MARKUP)


def write_descendants(report: AnyReport, out: TextIO) -> None:
    """Write CSV with a row for each descendant; what its owner is, its discussion page and who runs it come last."""
    fields = [field for field in msgspec.structs.fields(Relative) if field.name not in _LEFT_OUT[type(report)]]
    owners = {one.owner: one for one in report.owners}
    runs = {(name, row.provider) for row in report.deployers for name in row.models}
    providers: dict[str, list[str]] = {}
    for name, provider in sorted(runs):
        providers.setdefault(name, []).append(provider)
    cells = (
        [
            *(_flat(getattr(one, field.name)) for field in fields),
            *what(one.owner, owners),
            report.discussion(one),
            providers.get(one.id) if one.status == "listed" else None,
        ]
        for one in report.descendants
    )
    write_csv((*(field.encode_name for field in fields), "owner_kind", "verified", "contact", "providers"), cells, out)


def _flat(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

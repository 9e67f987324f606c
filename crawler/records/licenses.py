"""The licences that a model card can name, and what their texts allow. `docs/licences.md` says how they were judged."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

Family = Literal[
    "permissive",
    "copyleft",
    "weak_copyleft",
    "creative_commons",
    "rail",
    "model_community",
    "data",
    "public_domain",
    "proprietary_research",
    "unspecified",
]
CommercialUse = Literal["yes", "no", "conditions", "unknown"]
ShareAlike = Literal["yes", "no", "weak", "unknown"]
UseRestrictions = Literal["yes", "no", "unknown"]
OsiApproved = Literal["yes", "no", "unknown"]

SOURCE: Final = Path(__file__).with_name("licenses.csv")


@dataclass(frozen=True, slots=True)
class License:
    """One licence, under the Hub's id. "unknown" is a value of its own and never means "no"."""

    id: str
    name: str
    spdx: str | None  # if SPDX lists exactly this text
    family: Family
    commercial_use: CommercialUse
    share_alike: ShareAlike  # weak: some of the terms, or some of the files, keep the licence
    use_restrictions: UseRestrictions  # whether some uses are forbidden, apart from commercial use
    # Whether the Open Source Initiative has approved this text: https://opensource.org/licenses, and `isOsiApproved` in
    # https://github.com/spdx/license-list-data/blob/main/json/licenses.json. Unknown of an id that names several texts.
    osi_approved: OsiApproved


COLUMNS: Final = tuple(field.name for field in fields(License))
_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "family": get_args(Family),
    "commercial_use": get_args(CommercialUse),
    "share_alike": get_args(ShareAlike),
    "use_restrictions": get_args(UseRestrictions),
    "osi_approved": get_args(OsiApproved),
}


def parse(lines: Iterable[str], source: str) -> dict[str, License]:
    """The licences of a table with a header, by id, in the table's order. A ValueError names the line that is wrong."""
    reader = csv.reader(lines, strict=True)
    if tuple(next(reader, ())) != COLUMNS:
        raise ValueError(f"{source}:1: the columns must be {','.join(COLUMNS)}")
    found: dict[str, License] = {}
    for row in reader:
        where = f"{source}:{reader.line_num}"
        if len(row) != len(COLUMNS):
            raise ValueError(f"{where}: {len(row)} columns instead of {len(COLUMNS)}")
        values: dict[str, str | None] = {column: value or None for column, value in zip(COLUMNS, row, strict=True)}
        for column, value in values.items():
            if value is None and column != "spdx":
                raise ValueError(f"{where}: {column} is empty")
            if value is not None and value != value.strip():
                raise ValueError(f"{where}: {column} has blanks around it")
            if column in _ALLOWED and value not in _ALLOWED[column]:
                raise ValueError(f"{where}: {column} is {value!r}, not one of {', '.join(_ALLOWED[column])}")
        licence = License(**values)  # type: ignore[arg-type]  # every value was compared with its closed set above
        if licence.id in found:
            raise ValueError(f"{where}: {licence.id} is there twice")
        if licence.id != licence.id.lower():
            raise ValueError(f"{where}: {licence.id} is not in lower case, as the Hub's ids are")
        found[licence.id] = licence
    return found


def _load() -> Mapping[str, License]:
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType(parse(lines, SOURCE.name))


LICENSES: Final = _load()

"""What docs/report-data.md says of the form of a report."""

import re
from pathlib import Path

import msgspec
import pytest

from crawler.dossier import contacts, form
from crawler.dossier.check import COLUMNS
from crawler.dossier.limits import DECLARED
from crawler.relatives.ways import CLASSES

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "report-data.md").read_text(encoding="utf-8")
STRUCTS = [one for one in vars(form).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]


@pytest.mark.parametrize("struct", [one for one in STRUCTS if one is not msgspec.Struct], ids=lambda one: one.__name__)
def test_every_field_is_documented(struct: type[msgspec.Struct]) -> None:
    fields = [field.encode_name for field in msgspec.structs.fields(struct)]
    assert [name for name in fields if f"`{name}`" not in PAGE] == []


def test_every_limit_and_every_column_of_a_check_is_documented() -> None:
    source = (REPOSITORY / "crawler" / "dossier" / "limits.py").read_text(encoding="utf-8")
    codes = {DECLARED.code, *re.findall(r'code="(\w+)"', source), "unclear", "gone", "absent", "withdrawn"}
    assert [name for name in [*codes, *COLUMNS] if f"`{name}`" not in PAGE] == []


def test_every_class_has_a_turn() -> None:
    assert list(contacts.TURNS) == ["itself", "trained_on", *CLASSES]

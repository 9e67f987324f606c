"""The table of licences is complete, closed in its values, and never calls the unknown safe."""

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any, cast

import pytest

from crawler.records.licenses import COLUMNS, LICENSES, parse
from demo import SAMPLE

DOCS = Path(__file__).parents[2] / "docs" / "licences.md"
HEADER = ",".join(COLUMNS)
GOOD = "mit,MIT License,MIT,permissive,yes,no,no,yes"
# As the Hub's own check of a card lists them (2026-05), with what was added or renamed since.
ACCEPTED = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0
artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0
cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0
epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research
intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql
ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1
llama3.2 llama3.3 llama4 grok2-community gemma unknown other
"""
LATER = {"openmdw-1.1", "open-mdw"}


def terms(licence: str) -> tuple[str, str, str]:
    found = LICENSES[licence]
    return found.commercial_use, found.share_alike, found.use_restrictions


def test_every_licence_that_the_hub_accepts_is_there() -> None:
    assert set(LICENSES) == set(ACCEPTED.split()) | LATER


def test_every_licence_of_the_sample_is_there() -> None:
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        for tag in json.loads(line)["tags"]:
            if tag.startswith("license:"):
                assert tag.removeprefix("license:") in LICENSES


def test_the_key_is_the_licences_own_id_and_nothing_can_change() -> None:
    assert all(key == licence.id for key, licence in LICENSES.items())
    with pytest.raises(TypeError):
        cast("dict[str, Any]", LICENSES)["mit"] = None
    with pytest.raises(FrozenInstanceError):
        LICENSES["mit"].name = "Another"  # type: ignore[misc]


@pytest.mark.parametrize("licence", ["unknown", "other", "cc"])
def test_unknown_terms_stay_unknown(licence: str) -> None:
    assert terms(licence) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("apache-2.0", ("yes", "no", "no")),
        ("gpl-3.0", ("yes", "yes", "no")),
        ("mpl-2.0", ("yes", "weak", "no")),
        ("cc-by-nc-sa-4.0", ("no", "yes", "no")),
        ("cc-by-nd-4.0", ("yes", "no", "yes")),
        ("creativeml-openrail-m", ("yes", "weak", "yes")),
        ("llama2", ("conditions", "weak", "yes")),
        ("gemma", ("yes", "weak", "yes")),
        ("intel-research", ("no", "unknown", "yes")),
    ],
)
def test_the_terms_of_well_known_licences(licence: str, expected: tuple[str, str, str]) -> None:
    assert terms(licence) == expected


@pytest.mark.parametrize(
    ("licence", "approved"),
    [
        ("apache-2.0", "yes"), ("mit", "yes"), ("gpl-3.0", "yes"), ("ofl-1.1", "yes"), ("unlicense", "yes"),
        ("llama3.1", "no"), ("gemma", "no"), ("creativeml-openrail-m", "no"), ("cc-by-4.0", "no"), ("cc0-1.0", "no"),
        ("bsd-3-clause-clear", "no"), ("bsd", "unknown"), ("gpl", "unknown"), ("other", "unknown"),
    ],
)  # fmt: skip
def test_which_licences_the_open_source_initiative_has_approved(licence: str, approved: str) -> None:
    assert LICENSES[licence].osi_approved == approved


def test_an_approved_licence_is_one_text_and_restricts_nobody() -> None:
    for key, licence in LICENSES.items():
        if licence.osi_approved == "yes":
            assert licence.spdx, key
            assert licence.use_restrictions == "no", key
            assert licence.commercial_use != "no", key


def test_families_agree_with_terms() -> None:
    for key, licence in LICENSES.items():
        if licence.family in ("permissive", "public_domain"):
            assert terms(key) == ("yes", "no", "no"), key
        if licence.family == "copyleft":
            assert licence.share_alike == "yes", key
        if licence.family in ("weak_copyleft", "rail", "model_community"):
            assert licence.share_alike == "weak", key
        if licence.family in ("rail", "model_community"):
            assert licence.use_restrictions == "yes", key
        if licence.family == "proprietary_research":
            assert licence.commercial_use == "no", key


def test_the_parts_of_a_creative_commons_id_decide_its_terms() -> None:
    for key in LICENSES:
        parts = key.split("-")
        if parts[0] == "cc" and len(parts) > 1:
            assert terms(key) == (
                "no" if "nc" in parts else "yes",
                "yes" if "sa" in parts else "no",
                "yes" if "nd" in parts else "no",
            ), key


def test_spdx_ids_are_unique() -> None:
    spdx = [licence.spdx for licence in LICENSES.values() if licence.spdx]
    assert len(spdx) == len(set(spdx)) > 50


def test_the_documentation_names_every_column_and_value() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []
    values = {value for licence in LICENSES.values() for value in (licence.family, *terms(licence.id))}
    assert [value for value in sorted(values) if f"`{value}`" not in text] == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", r"t\.csv:1: the columns must be id,name,"),
        ("id,name\n", r"t\.csv:1: the columns must be id,name,"),
        (f"{HEADER}\nmit,MIT License\n", r"t\.csv:2: 2 columns instead of 8"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", r"t\.csv:3: mit is there twice"),
        (f"{HEADER}\n{GOOD.replace('MIT License', '')}\n", r"t\.csv:2: name is empty"),
        (f"{HEADER}\n{GOOD.replace('MIT License', ' MIT License')}\n", r"t\.csv:2: name has blanks"),
        (f"{HEADER}\n{GOOD.replace('permissive', 'nice')}\n", r"t\.csv:2: family is 'nice', not one of permissive, "),
        (f"{HEADER}\n{GOOD.replace('yes', 'safe')}\n", r"t\.csv:2: commercial_use is 'safe'"),
        (f"{HEADER}\n{GOOD.replace('mit', 'MIT', 1)}\n", r"t\.csv:2: MIT is not in lower case"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(table: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(table.splitlines(keepends=True), "t.csv")


def test_an_empty_spdx_id_is_none() -> None:
    assert parse([f"{HEADER}\n", "x,X,,unspecified,unknown,unknown,unknown,unknown\n"], "t.csv")["x"].spdx is None

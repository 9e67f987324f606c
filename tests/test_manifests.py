"""Manifests: what is written is read back typed; earlier layouts are migrated; what is wrong is one line."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler import manifests
from crawler.crawl_warnings import KINDS, CrawlWarning
from crawler.errors import HubGenealogyError
from crawler.manifests import LAYOUT, ChangesManifest, CrawlManifest, WalkManifest

CRAWL = CrawlManifest(
    crawl="000001-20260101T030000Z",
    kind="incremental",
    started_at=datetime(2026, 1, 1, 3, 0, 0, 123000, tzinfo=UTC),
    since=datetime(2025, 12, 31, tzinfo=UTC),
    expand=("tags", "cardData"),
    max_tail_age=3600.0,
    rules=("files:peft",),
)
# As version 1 of the layout had it: warnings as text, under the name `reasons`.
EARLIER = {
    "complete": False,
    "reasons": ["a sample of 20 models was asked for", "page 3 came without models"],
    "mark": None,
    "finished_at": "2026-01-01T04:00:00.000+00:00",
}


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / CRAWL.crawl / "crawl.json"
    file.parent.mkdir()
    manifests.write(file, CRAWL)
    assert manifests.read(file, CrawlManifest) == CRAWL


def test_warnings_of_an_earlier_layout_keep_their_text_and_what_they_mean(tmp_path: Path) -> None:
    walk = manifests.read(write(tmp_path / "walk.json", EARLIER), WalkManifest)
    assert [(warning.text, warning.refuses) for warning in walk.warnings] == [
        ("a sample of 20 models was asked for", False),
        ("page 3 came without models", True),
    ]
    assert walk.layout == LAYOUT


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(
            EARLIER | {"complete": "yes"}, r"Expected `bool`, got `str` - at `\$.complete`", id="a wrong type"
        ),
        pytest.param({"complete": True}, "missing required field `finished_at`", id="a field that is missing"),
        pytest.param(EARLIER | {"finished_at": "today"}, "Invalid RFC3339", id="a time that is none"),
        pytest.param(EARLIER | {"reasons": [7]}, "does not hold what this program writes", id="a warning that is none"),
        pytest.param(EARLIER | {"layout": LAYOUT + 1}, "newer hub-genealogy", id="a newer layout"),
        pytest.param(EARLIER | {"layout": "two"}, "newer hub-genealogy", id="a layout that is none"),
        pytest.param(EARLIER | {"layout": -1}, "newer hub-genealogy", id="a layout that never was"),
        pytest.param([], "does not hold what this program writes", id="no object"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said_in_one_line(tmp_path: Path, content: Any, what: str) -> None:
    with pytest.raises(HubGenealogyError, match=what) as error:
        manifests.read(write(tmp_path / "walk.json", content), WalkManifest)
    assert "\n" not in str(error.value)
    assert str(tmp_path / "walk.json") in str(error.value)


def test_a_warning_of_an_unknown_kind_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "walk.json", {**EARLIER, "layout": LAYOUT, "warnings": [{"kind": "odd"}]})
    with pytest.raises(HubGenealogyError, match="odd"):
        manifests.read(path, WalkManifest)


def test_only_a_sample_and_what_cannot_be_confirmed_are_no_refusal() -> None:
    assert {kind for kind, about in KINDS.items() if not about.refuses} == {
        "sample", "forgotten_vanished", "nothing_listed", "never_walked",
    }  # fmt: skip


def test_a_change_set_says_whether_a_check_refused_part_of_its_crawl() -> None:
    numbers: dict[str, Any] = dict.fromkeys(
        ("models_seen", "models_added", "models_changed", "models_retired", "edges_added", "edges_changed",
         "edges_withdrawn", "rejected", "rows_written"), 0,
    )  # fmt: skip

    def refused(*warnings: CrawlWarning) -> bool:
        return ChangesManifest(
            crawl="1", previous=None, kind="full", started_at=CRAWL.started_at, finished_at=CRAWL.started_at,
            complete=True, rows={}, totals={}, warnings=warnings, **numbers,
        ).refused  # fmt: skip

    sample, empty = CrawlWarning("sample", {"models": 20}), CrawlWarning("empty_listing")
    assert [refused(), refused(sample), refused(sample, empty)] == [False, False, True]

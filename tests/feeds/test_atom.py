"""The document of a feed: well-formed and bounded, whatever stands in the names."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cases import adopt
from crawler.cases.form import Facts
from crawler.changes.diff import ChangeSet
from crawler.feeds import history
from crawler.feeds.atom import ENTRIES, document
from crawler.feeds.entries import LINES, Feed, command, of_step
from crawler.feeds.family import Subject
from crawler.feeds.history import Step
from crawler.feeds.make import of_subject
from tests.support import reports
from tests.support.output import say
from tests.support.sweeps import Sweeps, child, record

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEGABYTE = 1_000_000
HOSTILE = [
    "a/<script>alert(1)</script>",
    "a/]]>&amp;<!--",
    'a/"onclick="x',
    "a/\0\x07\x1b[31m\x7f\x85",
    "a/\u202ecod.exe\u200f\u2066",
    "a/\ufffe\uffff\ud800",
    "a/\u2028\n\r\t",
    "a/$(reboot)`id`';--",
    "a/" + "\U0001f600" * 3000,
]


def feed(*steps: list[adopt.Change], name: str = "a/base") -> Feed:
    made = [
        of_step(
            Step(f"{n:06d}", NOW, NOW + timedelta(n), tuple(changes), frozenset({"top"}), name), f"hub-genealogy {name}"
        )
        for n, changes in enumerate(steps)
    ]
    return Feed(
        "model top", f"What changes below {name}", None, NOW, tuple(entry for entry in reversed(made) if entry), 0
    )


def news(names: list[str]) -> list[adopt.Change]:
    return adopt.changes([], [Facts(str(n), name, "retrained", depth=1) for n, name in enumerate(names)])


def parsed(content: bytes) -> Any:
    ET.fromstring(content)  # noqa: S314  # our own document
    found = feedparser.parse(content, sanitize_html=False)
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_text(name: str) -> None:
    renamed = adopt.changes([Facts("1", "a/b", "retrained")], [Facts("1", name, "retrained")])
    parents = adopt.changes(
        [Facts("1", "a/b", "retrained", parents=("2",)), Facts("2", name, "retrained"), Facts("3", "a/c", "retrained")],
        [Facts("1", "a/b", "retrained", parents=("3",)), Facts("2", name, "retrained"), Facts("3", "a/c", "retrained")],
    )
    content = document(feed(news([name]), renamed, parents, name=name), "state")
    root = ET.fromstring(content)  # noqa: S314  # as above
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {
        *("feed", "id", "title", "updated", "author", "name", "link", "entry", "content"),
        *("div", "p", "ul", "li", "a", "span", "pre", "code"),
    }
    assert len(parsed(content).entries) == 3
    assert {unicodedata.category(c) for c in content.decode() if c != "\n"}.isdisjoint(
        {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    )
    assert all(
        link.get("href", "").startswith("https://huggingface.co/a/") for link in root.iter() if link.tag.endswith("}a")
    )
    assert len(content) < 20_000


@given(names=st.lists(st.text(max_size=40), max_size=5), title=st.text(max_size=40))
def test_whatever_the_names_the_document_is_well_formed_and_the_same_again(names: list[str], title: str) -> None:
    made = feed(news(names), name=title)
    content = document(made, "state")
    assert len(parsed(content).entries) == bool(names)
    assert document(made, "state") == content


def test_a_thousand_of_one_kind_leave_room_for_the_others_and_what_is_left_out_is_counted() -> None:
    before = [Facts("top", "a/base", "itself"), Facts("x", "a/gone", "retrained", depth=1)]
    new = [Facts(f"n{n:04}", f"b/{n:04}", "same_weights" if n == 999 else "retrained", depth=1) for n in range(1000)]
    after = [before[0], replace(before[1], status="gone"), *new]
    [entry] = parsed(document(feed(adopt.changes(before, after)), "state")).entries
    assert entry.title == "1,000 new, 1 gone"
    text = entry.content[0].value
    assert text.index("b/0999") < text.index("b/0000")  # the same weights come first
    assert "a/gone" in text
    assert f"<li>and {1000 - (LINES - 1)} more</li>" in text
    assert "<pre><code>hub-genealogy a/base</code></pre>" in text
    assert text.count("<li>") == LINES + 1


def test_the_command_for_all_of_it_is_one_for_a_shell_whatever_the_name() -> None:
    assert command("feed", "a/$(reboot)`id`';") == """hub-genealogy feed 'a/$(reboot)`id`'"'"';'"""


def test_an_entry_that_holds_everything_names_no_command() -> None:
    [entry] = parsed(document(feed(news(["b/one"])), "state")).entries
    assert "hub-genealogy" not in entry.content[0].value


def test_what_happened_to_the_model_itself_comes_first() -> None:
    before = [Facts("top", "z/base", "itself"), Facts("1", "a/one", "same_weights", depth=1)]
    after = [replace(one, gated="manual") for one in before]
    changes = adopt.changes([replace(one, gated="false") for one in before], after)
    text = parsed(document(feed(changes), "state")).entries[0].content[0].value
    assert text.index("z/base") < text.index("a/one")


def test_the_longest_names_and_the_most_changes_stay_below_a_megabyte(request: pytest.FixtureRequest) -> None:
    everything = []
    family = [Facts(f"{n:05}", f"{n:05}{'a' * 91}/{'b' * 96}", "retrained", depth=1, revision="r") for n in range(3000)]
    for night in range(ENTRIES + 5):
        changed = [
            replace(
                one, revision=f"r{night}", id=f"{one.id[:-6]}{night:06}", parents=tuple(f"{p:05}" for p in range(night))
            )
            for one in family
        ]
        everything.append(adopt.changes(family, changed))
        family = changed
    content = document(feed(*everything), "state")
    found = parsed(content)
    say(request.config, f"{len(found.entries)} entries of the longest names take {len(content):,} bytes")
    assert len(content) < MEGABYTE
    assert len(found.entries) <= ENTRIES
    left = len(everything) - len(found.entries)
    assert found.feed.subtitle == f"The newest entries; {left} earlier crawls are left out."


@pytest.mark.timeout(600)
def test_the_feed_of_30_000_descendants_stays_below_a_megabyte(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    family = reports.large(30_000)
    parents: dict[str, list[str]] = {}
    for link in family.links:
        parents.setdefault(link.child, []).append(family.members[link.parent].id)
    listed = {
        key: child(key, one.id, *parents[key], sha="a" * 40) if key in parents else record(key, one.id, sha="a" * 40)
        for key, one in family.members.items()
    }
    sweeps = Sweeps(tmp_path)
    nights = [
        listed,
        {key: one | {"sha": "b" * 40} for key, one in listed.items()},  # every card is edited
        {key: one | {"id": f"{one['id']}-2", "gated": "auto"} for key, one in listed.items()},
    ]
    for night in nights:
        assert sweeps.sweep(list(night.values())).changes
    sets = [ChangeSet(folder) for folder in sorted((tmp_path / "changes").iterdir())]
    with history.opened(sets) as crawls:
        content = document(of_subject(crawls, Subject("model", family.key), "the/base"), "state")
    found = parsed(content)
    say(request.config, f"a feed of {len(family.members):,} models takes {len(content):,} bytes")
    assert len(content) < MEGABYTE
    assert len(found.entries) == 3
    assert found.entries[1].title.endswith("changed")

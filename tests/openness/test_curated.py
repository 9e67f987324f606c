"""Curated files in the form of the index's own: what is read, and what is refused with its place."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.openness.curated import CLASSES, Entry, agreement, parse, read_file
from crawler.openness.rules import CRITERIA, NOT_DERIVABLE, VERDICTS
from tests.support.any_json import JSON

# The form of https://github.com/opening-up-chatgpt/opening-up-chatgpt.github.io/blob/main/projects/A_sample.yaml, with
# words of our own about a project of our own.
FILE = """---
# A comment.
project:
    name: Example 7B
    link: https://huggingface.co/example-lab/example-7b
    notes:
    llmbase: Example
    license: Apache 2.0

org:
    name: Example lab
    link:

# availability:
opencode:
    class: partial
    link: https://example.org/code
    notes: only what runs the model

llmdata:
    class: closed
    link:
    notes:

llmweights:
    class:
    link:
    notes:
"""


def test_a_file_in_the_form_of_the_index() -> None:
    found = parse(FILE)
    assert (found.name, found.link) == ("Example 7B", "https://huggingface.co/example-lab/example-7b")
    assert found.repository == "example-lab/example-7b"
    assert found.entries == {
        "opencode": Entry("partial", "https://example.org/code", "only what runs the model"),
        "llmdata": Entry("closed"),
        "llmweights": Entry(),
    }


@pytest.mark.parametrize(
    ("link", "repository"),
    [
        ("https://huggingface.co/org/model/tree/main", "org/model"),
        ("https://hf.co/org/model?x=1", "org/model"),
        ("https://huggingface.co/datasets/org/data", None),
        ("https://huggingface.co/collections/org/x-1", None),
        ("https://example.org/org/model", None),
        ("", None),
    ],
)
def test_the_model_that_a_file_is_about(link: str, repository: str | None) -> None:
    assert parse(f"project: {{link: '{link}'}}\napi: {{class: open}}").repository == repository


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has none of the criteria opencode, llmdata"),
        ("- open", "it has none of the criteria"),
        ("project: {name: x}", "it has none of the criteria"),
        ("a: [", "it is no YAML"),
        ("license: {class: maybe}", "license.class is 'maybe': write open, partial or closed, or leave it empty"),
        ("license: {class: Open}", "license.class is 'Open'"),
        ("license: open", "license has no class, link and notes below it"),
        ("license: {class: [open]}", "license.class is no text"),
        ("license: {class: open}\nmodel_card: {class: open}", "'model_card' is no criterion; nearest: modelcard"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "project.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_file(file)
    assert str(refused.value).startswith(f"{file}: {message}")


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_file(tmp_path / "none.yaml")


@given(st.dictionaries(st.sampled_from([*CRITERIA, "project", "org"]) | st.text(max_size=5), JSON, max_size=4))
def test_any_content_is_read_or_refused(content: object) -> None:
    with suppress(ValueError):
        found = parse(json.dumps(content))  # JSON is YAML
        assert {entry.verdict for entry in found.entries.values()} <= {*CLASSES, None}


@given(st.sampled_from(VERDICTS), st.none() | st.sampled_from(CLASSES))
def test_agreement_is_about_what_both_say(verdict: str, curated: str | None) -> None:
    found = agreement(verdict, Entry(curated))
    assert (found is None) == (verdict == NOT_DERIVABLE and curated is None)
    assert (found == "same") == (verdict == curated)
    assert (found == "differs") == (verdict != NOT_DERIVABLE and curated is not None and verdict != curated)

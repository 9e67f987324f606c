"""The values of parameters: typed, checked, and each mistake named."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import parameters
from crawler.answers.library import Parameter, SavedQuery
from crawler.errors import UsageError


def query(*declared: tuple[str, str, bool, Any]) -> SavedQuery:
    return SavedQuery(
        name="sample",
        topic="topic",
        path=Path("sample.cypher"),
        title="",
        prose="",
        columns=(),
        empty="",
        budget=1.0,
        example="",
        statement="",
        text="",
        parameters=tuple(Parameter(*one, f"what {one[0]} means") for one in declared),
    )


SAMPLE = query(
    ("model", "string", True, None),
    ("limit", "integer", False, None),
    ("max_depth", "integer", False, 100),
    ("share", "float", False, 0.5),
    ("include_withdrawn", "boolean", False, False),
    ("as_of", "datetime", False, None),
    ("kind", "list<string>", False, None),
    ("along", "list<string>", False, None),
    ("status", "list<string>", False, None),
)


def test_defaults_fill_what_is_not_given() -> None:
    assert parameters.values(SAMPLE, ["model=a/b"]) == {
        "model": "a/b",
        "limit": None,
        "max_depth": 100,
        "share": 0.5,
        "include_withdrawn": False,
        "as_of": None,
        "kind": None,
        "along": None,
        "status": None,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("model=a=b", "a=b"),
        ("limit=5", 5),
        ("max_depth=100", 100),
        ("share=1e-3", 0.001),
        ("share=2", 2.0),
        ("include_withdrawn=TRUE", True),
        ("include_withdrawn=false", False),
        ("as_of=2025-03-01", "2025-03-01"),
        ("as_of=2025-03-01T06:00:00Z", "2025-03-01T06:00:00+00:00"),
        ("as_of=2025-03-01 06:00", "2025-03-01T06:00:00+00:00"),
        ("as_of=2025-03-01T06:00:00+02:00", "2025-03-01T06:00:00+02:00"),
        ("kind=merge", ["merge"]),
        ("kind=merge, adapter", ["merge", "adapter"]),
        ("kind=quantised,merge", ["quantized", "merge"]),
        ("along=quantised", ["quantized"]),
        ("status=gone,absent", ["gone", "absent"]),
        ("limit=", None),
        ("limit=null", None),
    ],
)
def test_a_text_becomes_a_value_of_its_type(text: str, value: Any) -> None:
    given_texts = [text] if text.startswith("model") else ["model=x", text]
    assert parameters.values(SAMPLE, given_texts)[text.partition("=")[0]] == value


def test_a_list_may_be_given_in_several_parts() -> None:
    values = parameters.values(SAMPLE, ["model=x", "kind=merge", "kind=adapter"])
    assert values["kind"] == ["merge", "adapter"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "sample needs the parameter 'model': what model means (-p model=…)"),
        (["model="], "sample needs the parameter 'model'"),
        (["model"], "a parameter is given as name=value, not 'model'"),
        (["model=x", "limt=3"], "sample has no parameter 'limt'; nearest: limit"),
        (["model=x", "zzz=3"], "sample has no parameter 'zzz'; it takes model, limit"),
        (["model=x", "model=y"], "the parameter 'model' is given twice: 'x' and 'y'"),
        (["model=x", "limit=ten"], "the parameter 'limit' takes a whole number, not 'ten'"),
        (["model=x", "limit=0"], "the parameter 'limit' takes a whole number above 0, not '0'"),
        (["model=x", "limit=99999999999999999999"], "takes a whole number, not"),
        (["model=x", "max_depth=101"], "takes a whole number from 1 to 100, not '101'"),
        (["model=x", "share=nan"], "takes a number, not 'nan'"),
        (["model=x", "include_withdrawn=yes"], "takes true or false, not 'yes'"),
        (["model=x", "as_of=yesterday"], "takes a day or a time such as 2025-03-01 or"),
        (["model=x", "as_of=2025-02-30"], "takes a day or a time"),
        (
            ["model=x", "kind=finetuned"],
            "takes some of copy, finetune, adapter, quantized, merge, unknown, not 'finetuned'",
        ),
        (["model=x", "kind=merge,,"], "takes texts, separated by commas"),
        (["model=x", "status=deleted"], "takes some of listed, gone, absent, not 'deleted'"),
        (["model=x", "along=merg"], "takes some of copy, finetune, adapter, quantized, merge, unknown, not 'merg'"),
        (
            ["model=x", "kind=quantized", "along=finetune,merge"],
            "along=finetune,merge leaves out kind=quantized, so no path can match: add the kind of the last step to along",
        ),
    ],
)
def test_each_mistake_is_named(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parameters.values(SAMPLE, texts)
    assert message in str(caught.value)


@given(st.sampled_from([parameter.name for parameter in SAMPLE.parameters]), st.text(max_size=30))
def test_any_text_gives_a_value_or_a_usage_error(name: str, text: str) -> None:
    try:
        parameters.values(SAMPLE, ["model=x", f"{name}={text}"] if name != "model" else [f"model={text}"])
    except UsageError as error:
        assert name in str(error)  # noqa: PT017 - most texts are refused, and any way of refusing is fine

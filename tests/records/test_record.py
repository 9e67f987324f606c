"""An object of the listing becomes a model and its declarations; whatever is odd is rejected, and nothing is raised."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.record import Dataset, Model, parse
from crawler.records.used import EXPAND
from crawler.records.values import LARGEST_INTEGER
from tests.support.any_json import JSON, TEXTS, says_something

WHOLE = {
    "_id": "65f0000000000000000000aa",
    "id": "org/model",
    "author": "org",
    "createdAt": "2024-03-12T07:06:40.000Z",
    "lastModified": "2024-03-13T07:06:40.000Z",
    "sha": "5f0b02c75b57c5855da9ae460ce51323ea669d8a",
    "private": False,
    "gated": "auto",
    "disabled": False,
    "downloads": 12,
    "likes": 3,
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "tags": ["pytorch", "safetensors", "license:mit", "dataset:squad", "arxiv:2310.06825", "en"],
    "cardData": {"license": "MIT", "language": ["en", "de"], "datasets": ["squad", "org/data"]},
    "config": {"architectures": ["TinyForCausalLM"], "model_type": "tiny"},
    "safetensors": {"parameters": {"F32": 10}, "total": 10},
    "inferenceProviderMapping": [
        {"provider": "together", "providerId": "org/tiny", "status": "live", "task": "conversational"},
        {"provider": "novita", "providerId": "tiny", "status": "staging", "task": "conversational"},
        {"provider": "hf-inference", "providerId": "org/tiny", "status": "live", "task": "conversational"},
    ],
}


def model(**fields: Any) -> Model:
    """The model of a record that has `fields`, and is not rejected."""
    parsed = parse({"_id": "key", "id": "org/model"} | fields)
    assert parsed.model is not None
    return parsed.model


def reasons(**fields: Any) -> list[tuple[str, str]]:
    """(field, reason) of what is refused of a record that has `fields`."""
    return [(r.field, r.reason) for r in parse({"_id": "key", "id": "org/model"} | fields).rejected]


def test_a_whole_record() -> None:
    parsed = parse(WHOLE)
    assert parsed.rejected == []
    assert parsed.model == Model(
        key="65f0000000000000000000aa",
        id="org/model",
        owner="org",
        created_at=1710227200000,
        modified_at=1710313600000,
        revision="5f0b02c75b57c5855da9ae460ce51323ea669d8a",
        downloads=12,
        likes=3,
        gated="auto",
        disabled=False,
        pipeline_tag="text-generation",
        library="transformers",
        licenses=("mit",),
        model_type="tiny",
        architectures=("TinyForCausalLM",),
        parameters=10,
        weight_formats=("pytorch", "safetensors"),
        languages=("en", "de"),
        papers=("arxiv:2310.06825",),
        datasets=(Dataset("squad", ("tag", "card")), Dataset("org/data", ("card",))),
        has_card=True,
        providers=("hf-inference", "together"),
        fields=sum(1 << EXPAND.index(name) for name in WHOLE.keys() - {"_id", "id"}),
    )


def test_a_record_with_a_key_and_a_name_only_is_a_model() -> None:
    assert parse({"_id": "key", "id": "org/model"}).model == Model(key="key", id="org/model", owner="org")


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        pytest.param(None, "record", "not_an_object", id="null"),
        pytest.param(["x"], "record", "not_an_object", id="a list"),
        pytest.param({}, "_id", "no_key", id="an empty object"),
        pytest.param({"id": "org/model"}, "_id", "no_key", id="no key"),
        pytest.param({"_id": 7, "id": "org/model"}, "_id", "no_key", id="a number as key"),
        pytest.param({"_id": "absent:org/x", "id": "org/x"}, "_id", "no_key", id="a key as placeholders have it"),
        pytest.param({"_id": "key"}, "id", "no_name", id="no name"),
        pytest.param({"_id": "key", "id": "a b"}, "id", "no_name", id="a blank in the name"),
        pytest.param({"_id": "key", "id": "a\x1b"}, "id", "no_name", id="a control character in the name"),
        pytest.param({"_id": "key", "id": "\ud800"}, "id", "no_name", id="half a surrogate pair as the name"),
        pytest.param({"_id": "key", "id": "org/x", "private": True}, "private", "private", id="a private model"),
        pytest.param({"_id": "key", "id": "org/x", "private": "no"}, "private", "not_a_flag", id="perhaps private"),
        pytest.param({"_id": "key", "id": "org/x", "private": 0}, "private", "not_a_flag", id="zero is not false"),
    ],
)
def test_an_object_that_is_no_public_model_is_rejected_once_and_whole(record: Any, field: str, reason: str) -> None:
    parsed = parse(record)
    assert (parsed.model, parsed.declared) == (None, [])
    assert [(r.field, r.reason) for r in parsed.rejected] == [(field, reason)]


@pytest.mark.parametrize(
    ("name", "author", "owner"),
    [
        pytest.param("org/model", "other", "org", id="the owner stands in the name"),
        pytest.param("gpt2", "openai-community", "openai-community", id="a legacy name has its author"),
        pytest.param("gpt2", None, None, id="nobody is known"),
        pytest.param("gpt2", "", None, id="an empty author is nobody"),
        pytest.param("/model", "org", None, id="an empty owner is nobody"),
    ],
)
def test_the_owner(name: str, author: str | None, owner: str | None) -> None:
    assert model(id=name, author=author).owner == owner


@pytest.mark.parametrize(
    ("value", "gated", "refused"),
    [
        pytest.param(False, "false", [], id="open"),
        pytest.param("auto", "auto", [], id="opened at once"),
        pytest.param("manual", "manual", [], id="opened by the owner"),
        pytest.param(None, None, [], id="not said"),
        pytest.param(0, None, [("gated", "not_a_gate")], id="zero is not false"),
        pytest.param(True, None, [("gated", "not_a_gate")], id="true is neither kind"),
        pytest.param(["auto"], None, [("gated", "not_a_gate")], id="a list"),
    ],
)
def test_gated(value: Any, gated: str | None, refused: list[tuple[str, str]]) -> None:
    assert (model(gated=value).gated, reasons(gated=value)) == (gated, refused)


@pytest.mark.parametrize(
    ("value", "revision", "refused"),
    [
        pytest.param("0a" * 20, "0a" * 20, [], id="a SHA-1"),
        pytest.param("0a" * 32, "0a" * 32, [], id="a SHA-256"),
        pytest.param(None, None, [], id="none, as where the repository is empty"),
        pytest.param("", None, [], id="an empty text"),
        pytest.param("main", None, [("sha", "not_a_revision")], id="the name of a branch"),
        pytest.param("0A" * 20, None, [("sha", "not_a_revision")], id="capitals"),
        pytest.param("0a" * 19, None, [("sha", "not_a_revision")], id="too short"),
        pytest.param(7, None, [("sha", "not_a_text")], id="a number"),
    ],
)
def test_revision(value: Any, revision: str | None, refused: list[tuple[str, str]]) -> None:
    assert (model(sha=value).revision, reasons(sha=value)) == (revision, refused)


@pytest.mark.parametrize(
    ("license_", "tags", "licenses"),
    [
        pytest.param("mit", ["license:mit"], ("mit",), id="card and tag agree"),
        pytest.param(["mit", "Apache-2.0"], [], ("mit", "apache-2.0"), id="a list, in lower case"),
        pytest.param(None, ["license:gemma"], ("gemma",), id="the tag alone"),
        pytest.param("other", ["license:llama2"], ("other", "llama2"), id="the card's comes first"),
        pytest.param("see LICENSE file", ["license:mit"], ("mit",), id="words are no id"),
    ],
)
def test_licenses(license_: Any, tags: list[str], licenses: tuple[str, ...]) -> None:
    assert model(cardData={"license": license_}, tags=tags).licenses == licenses


@pytest.mark.parametrize(
    ("tag", "papers"),
    [
        ("arxiv:2310.06825", ("arxiv:2310.06825",)),
        ("arxiv:2310.06825v2", ("arxiv:2310.06825v2",)),
        ("arxiv:cs.CL/9901001", ("arxiv:cs.CL/9901001",)),
        ("doi:10.57967/hf/0003", ("doi:10.57967/hf/0003",)),
        ("arxiv:draft", ()),
        ("arxiv:2310.06825/../x", ()),
        ("doi:10.1000/a b", ()),
        ("doi:", ()),
    ],
)
def test_papers_are_what_an_address_of_arxiv_or_of_a_doi_can_hold(tag: str, papers: tuple[str, ...]) -> None:
    assert model(tags=[tag, tag]).papers == papers
    assert reasons(tags=[tag]) == ([] if papers else [("tags", "not_a_paper")])


def test_a_license_in_words_is_rejected() -> None:
    assert reasons(cardData={"license": "see LICENSE file"}) == [("license", "not_a_license_id")]


def test_datasets_of_two_sources_are_one_whatever_their_case() -> None:
    fields = {"tags": ["dataset:Org/Data"], "cardData": {"datasets": ["https://huggingface.co/datasets/org/data"]}}
    assert model(**fields).datasets == (Dataset("Org/Data", ("tag", "card")),)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param("https://huggingface.co/datasets/org/data/viewer/default/train", "org/data", id="the viewer"),
        pytest.param("https://huggingface.co/datasets/squad/viewer", "squad", id="the viewer of a legacy name"),
        pytest.param("https://huggingface.co/datasets/org/data/tree/main", "org/data", id="a branch"),
        pytest.param("hf.co/datasets/org/data/blob/main/README.md", "org/data", id="a file"),
        pytest.param("hf://datasets/org/data@main/train.csv", "org/data", id="a file as the client writes it"),
        pytest.param(
            "/home/me/.cache/huggingface/hub/datasets--org--data/snapshots/1f", "org/data", id="a cache folder"
        ),
        pytest.param("org/data@v1", "org/data", id="a revision"),
        pytest.param({"id": "org/data"}, "org/data", id="an object with an id"),
        pytest.param({"name": "squad", "split": "train"}, "squad", id="an object with a name"),
        pytest.param({"path": "org/data", "type": "alpaca"}, "org/data", id="an object with a path"),
        pytest.param({"url": ["https://huggingface.co/datasets/org/data"]}, "org/data", id="an object with an address"),
    ],
)
def test_a_dataset_is_read_from_every_notation(value: Any, name: str) -> None:
    assert model(cardData={"datasets": [value]}).datasets == (Dataset(name, ("card",)),)
    assert reasons(cardData={"datasets": [value]}) == []


@pytest.mark.parametrize(
    ("value", "field", "reason"),
    [
        pytest.param("/data/mine", "datasets", "local_path", id="a path"),
        pytest.param("custom data set", "datasets", "not_a_repository_name", id="words"),
        pytest.param("https://huggingface.co/org/model", "datasets", "not_a_dataset", id="a model's address"),
        pytest.param("https://huggingface.co/datasets", "datasets", "not_a_dataset", id="the page of all datasets"),
        pytest.param({"split": "train"}, "cardData.datasets", "not_a_text", id="an object without a name"),
        pytest.param(7, "cardData.datasets", "not_a_text", id="a number"),
    ],
)
def test_a_dataset_that_names_nothing_is_rejected(value: Any, field: str, reason: str) -> None:
    assert reasons(cardData={"datasets": [value]}) == [(field, reason)]


def test_norwegian_is_a_language_although_yaml_reads_it_as_false() -> None:
    assert model(cardData={"language": ["en", False]}).languages == ("en", "no")


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        pytest.param({"safetensors": {"total": 5}, "gguf": {"total": 7}}, 5, id="safetensors first"),
        pytest.param({"gguf": {"total": 7}}, 7, id="else gguf"),
        pytest.param(
            {"safetensors": {"total": "many"}, "gguf": {"total": 7}}, 7, id="what cannot be read is passed over"
        ),
        pytest.param({"safetensors": None}, None, id="unknown"),
    ],
)
def test_parameters(fields: dict[str, Any], parameters: int | None) -> None:
    assert model(**fields).parameters == parameters


@pytest.mark.parametrize(
    ("config", "method"),
    [
        pytest.param({"quantization_config": {"quant_method": "AWQ", "bits": 4}}, "awq", id="by its name"),
        pytest.param({"quantization_config": {"bits": 4}}, "unknown", id="a method that is not named"),
        pytest.param({"quantization_config": {}}, None, id="an empty object says nothing"),
        pytest.param({}, None, id="none"),
    ],
)
def test_quantization(config: dict[str, Any], method: str | None) -> None:
    assert model(config=config).quantization == method


def test_a_quantization_that_is_no_object_is_rejected() -> None:
    assert reasons(config={"quantization_config": "awq"}) == [("config.quantization_config", "not_an_object")]


def test_what_tags_library_and_config_show_of_how_a_model_was_made() -> None:
    assert model(tags=["Mergekit", "merge", "x"], library_name="peft").markers == ("mergekit", "peft")
    assert model(config={"peft": {}}).markers == ("peft",)
    read = model(gguf={"architecture": "llama", "total": 7}, cardData={"new_version": "org/newer"})
    assert (read.gguf_architecture, read.weight_formats, read.new_version) == ("llama", ("gguf",), "org/newer")


def test_a_card_that_is_no_object_is_rejected_once_and_is_no_card() -> None:
    assert reasons(cardData=["x"]) == [("cardData", "not_an_object")]
    assert not model(cardData=["x"]).has_card


@given(JSON, st.sampled_from(["datasets", "languages", "licenses"]))
def test_whatever_stands_in_a_field_of_the_card_is_kept_or_rejected(value: Any, kept: str) -> None:
    field = {"datasets": "datasets", "languages": "language", "licenses": "license"}[kept]
    card = {"cardData": {field: value}}
    assert bool(getattr(model(**card), kept) or reasons(**card)) >= says_something(value)


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": {}}, {"tags": "x"}, {"tags": [7]}, {"cardData": 7}, {"config": "x"}, {"gguf": "x"}, {"safetensors": []},
        {"safetensors": {"total": "x"}}, {"gguf": {"total": "x"}}, {"gguf": {"architecture": 7}}, {"author": 7, "id": "x"},
        {"createdAt": 7}, {"lastModified": 7}, {"downloads": "x"}, {"likes": "x"}, {"gated": "x"}, {"disabled": "x"},
        {"pipeline_tag": 7}, {"library_name": 7}, {"cardData": {"license": 7}}, {"cardData": {"language": {}}},
        {"cardData": {"datasets": {}}}, {"cardData": {"new_version": 7}}, {"config": {"model_type": 7}},
        {"config": {"architectures": [7]}}, {"config": {"quantization_config": 7}}, {"baseModels": []},
        {"config": {"quantization_config": {"quant_method": 7}}}, {"baseModels": {"relation": 7}},
        {"baseModels": {"models": 7}}, {"baseModels": {"models": [{"id": "org/x", "_id": 7}]}}, {"config": {"peft": 7}},
        {"inferenceProviderMapping": 7}, {"inferenceProviderMapping": ["x"]},
        {"inferenceProviderMapping": [{"provider": 7, "status": "live"}]},
        {"inferenceProviderMapping": [{"provider": "x", "status": 7}]},
    ],
    ids=str,
)  # fmt: skip
def test_every_value_of_a_wrong_type_leaves_a_row(fields: dict[str, Any]) -> None:
    assert len(reasons(**fields)) == 1


RECORDS = st.fixed_dictionaries(
    {},
    optional={"_id": st.just("key") | JSON, "id": st.just("org/model") | TEXTS | JSON} | dict.fromkeys(EXPAND, JSON),
)


@given(st.one_of(RECORDS, JSON))
def test_any_json_gives_rows_or_rejections_and_never_an_exception(record: Any) -> None:
    parsed = parse(record)
    whole = [r for r in parsed.rejected if r.field in ("record", "_id", "id", "private")]
    assert len(whole) == (parsed.model is None), "every object is a model or is rejected once as a whole"
    if parsed.model is None:
        assert parsed.declared == []


def texts(value: Any) -> list[str]:
    """Every text in `value`."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for item in items for text in texts(item)]


@given(RECORDS)
def test_every_row_can_be_kept_and_shown(record: Any) -> None:
    parsed = parse({"_id": "key", "id": "org/model"} | record if isinstance(record, dict) else record)
    rows = [msgspec.to_builtins(row) for row in (parsed.model, *parsed.declared, *parsed.rejected) if row is not None]
    assert json.loads(json.dumps(rows, ensure_ascii=False).encode("utf-8")) == json.loads(json.dumps(rows))
    for text in texts(rows[0]) if parsed.model else []:
        assert text, "a property is absent rather than empty"
        assert not any(ord(c) < 32 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF for c in text)
    if parsed.model:
        for count in (parsed.model.downloads, parsed.model.likes, parsed.model.parameters):
            assert count is None or 0 <= count <= LARGEST_INTEGER
        for time in (parsed.model.created_at, parsed.model.modified_at):
            assert time is None or 0 <= time < 253402300800000

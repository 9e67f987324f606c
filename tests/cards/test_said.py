"""Which parents a card names, sentence by sentence, and which names in a card are no parents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cards.said import said
from crawler.cards.text import LONGEST, decoded

OWN = "me/own-model"
HUB = "https://huggingface.co"


def found(card: str) -> set[tuple[str, str | None, bool]]:
    """(parent, relation, whether a tool wrote it) of each parent that the card names."""
    return {(one.target, one.relation, one.generated) for one in said(card, OWN)}


@pytest.mark.parametrize(
    ("card", "target", "relation"),
    [
        ("This model is a fine-tuned version of [org/base](https://huggingface.co/org/base) on the glue dataset.", "org/base", "finetune"),
        ("This model is a fine-tuned version of [bert-base-uncased](https://huggingface.co/bert-base-uncased) on an unknown dataset.", "bert-base-uncased", "finetune"),
        ("This model is a fine-tuned version of [org/base](https://huggingface.co/org/base).\nIt has been trained using [TRL](https://github.com/huggingface/trl).", "org/base", "finetune"),
        ("These are LoRA adaption weights for org/base. The weights were trained on a photo of sks dog.", "org/base", "adapter"),
        ("This is a dreambooth model derived from org/base-1.5. The weights were trained on x.", "org/base-1.5", "finetune"),
        ("This pipeline was finetuned from **org/base** on the **you/pictures** dataset.", "org/base", "finetune"),
        ("This model was converted to GGUF format from [`org/base`](https://huggingface.co/org/base) using llama.cpp via the tool.", "org/base", "quantized"),
        ("static quants of https://huggingface.co/org/base", "org/base", "quantized"),
        ("This repo contains GGUF format model files for [A Base](https://huggingface.co/org/base).", "org/base", "quantized"),
        ("* Original model: [Base 7B](https://huggingface.co/org/base)", "org/base", "quantized"),
        ("- **Finetuned from model :** unsloth/base-bnb-4bit", "unsloth/base-bnb-4bit", "finetune"),
        ("An [adapter](https://adapterhub.ml) for the `bert-base-uncased` model that was trained on the [x](https://adapterhub.ml/x) dataset.", "bert-base-uncased", "adapter"),
    ],
)  # fmt: skip
def test_a_sentence_that_a_tool_writes_names_the_parent(card: str, target: str, relation: str) -> None:
    assert found(card) == {(target, relation, True)}


@pytest.mark.parametrize(
    ("card", "target", "relation"),
    [
        ("A classifier, finetuned from [RuBERT](https://huggingface.co/org/base) on comments.", "org/base", "finetune"),
        ("It was fine-tuned from the [base](https://hf.co/org/base) with care.", "org/base", "finetune"),
        ("**Base model**: `org/base`", "org/base", None),
        ("| Base model | [org/base](/org/base) |", "org/base", None),
        ("The weights were initialized with [org/base](https://huggingface.co/org/base/blob/main/README.md).", "org/base", "finetune"),
        ("A 4-bit AWQ quantization of [org/base](https://huggingface.co/org/base).", "org/base", "quantized"),
        ("It is continued pre-training of `org/base` on new texts.", "org/base", "finetune"),
    ],
)  # fmt: skip
def test_a_sentence_that_a_person_writes_names_the_parent(card: str, target: str, relation: str | None) -> None:
    assert found(card) == {(target, relation, False)}


def test_the_list_of_a_merge_names_each_of_its_parents() -> None:
    card = """---
base_model: [a/one]
---
This is a merge of pre-trained language models created using [mergekit](https://github.com/arcee-ai/mergekit).

### Models Merged

The following models were included in the merge:
* [a/one](https://huggingface.co/a/one)
* [b/two](https://huggingface.co/b/two) + [c/lora](https://huggingface.co/c/lora)

### Configuration

* [d/other](https://huggingface.co/d/other)
"""
    assert found(card) == {("a/one", "merge", True), ("b/two", "merge", True)}


@pytest.mark.parametrize(
    "card",
    [
        "A chat version of it is [here](https://huggingface.co/me/own-model-chat).",
        "It uses the tokenizer of [org/base](https://huggingface.co/org/base).",
        "A student, fine-tuned from scratch with [org/base](https://huggingface.co/org/base) as teacher.",
        "Unlike a fine-tuned version of [org/base](https://huggingface.co/org/base), it is small.",
        "This model is a fine-tuned version of [](https://huggingface.co/) on the None dataset.",
        "This model is a fine-tuned version of [None](https://huggingface.co/None) on the None dataset.",
        "This model is a fine-tuned version of [./checkpoint-500](https://huggingface.co/./checkpoint-500) on it.",
        f"This model is a fine-tuned version of [{OWN}]({HUB}/{OWN}) on the None dataset.",
        "This model is a fine-tuned version of [org/base](https://huggingface.co/other/thing) on the glue dataset.",
        "Finetuned from [squad](https://huggingface.co/datasets/squad).",
        "Finetuned from [demo](https://huggingface.co/spaces/org/demo).",
        "Finetuned from [the guide](https://huggingface.co/docs/transformers/index).",
        "**Finetuned from model [optional]:** [More Information Needed]",
        "| Model | Score |\n|---|---|\n| [org/base](https://huggingface.co/org/base) | 1 |",
        "Base model: base-of-something, in plain words",
        "The parent is [other/model](https://huggingface.co/other/model), which is a fine-tuned version of [org/base](https://huggingface.co/org/base).",
        "[other/model](https://huggingface.co/other/model) is a fine-tuned version of [org/base](https://huggingface.co/org/base).",
        "```\nfine-tuned from `org/base`\n```",
        "<!-- This model is a fine-tuned version of [org/base](https://huggingface.co/org/base) on x. -->",
        "---\nnote: fine-tuned from `org/base`\n---\nNothing.",
    ],
)  # fmt: skip
def test_a_name_that_is_no_parent_is_not_taken_for_one(card: str) -> None:
    assert found(card) == set()


def test_the_own_name_as_subject_says_whose_parent_follows() -> None:
    card = f"[{OWN}]({HUB}/{OWN}) is a fine-tuned version of [org/base]({HUB}/org/base)."
    assert found(card) == {("org/base", "finetune", False)}


def test_a_file_that_is_no_text_says_nothing() -> None:
    text = "This model is a fine-tuned version of [a/b](https://huggingface.co/a/b) on x."
    assert decoded(bytes(range(128, 256)) * 100) is None
    assert decoded(text.encode("utf-16")) == text
    assert decoded(b"\xef\xbb\xbf" + text.encode()) == text
    assert len(decoded(b"x" * 20_000_000) or "") == LONGEST


def test_front_matter_that_never_ends_is_read_as_text() -> None:
    assert found(f"---\nlicense: mit\n\nFinetuned from [x]({HUB}/org/base).\n") == {("org/base", "finetune", False)}


PIECES = st.sampled_from(
    ["---\n", "`", "```", "[", "](", ")", "<a href=", "<!--", "-->", "|", "\n", "* ", "org/base", HUB, "/", "fine-tuned version of ",
     "merge of ", "\ue000", "\ue001", "0", ".", "_", "**"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_read(card: str) -> None:
    assert all(one.target for one in said(card, OWN))


def test_a_card_that_is_made_to_be_slow_is_read_like_any_other() -> None:
    for piece in (
        "[",
        "`",
        "---\n",
        "<a href=",
        "<!--",
        "**",
        "_",
        "fine-tuned version of ",
        "![](",
        "https://huggingface.co/",
        "| ",
    ):
        said(piece * (LONGEST // len(piece)), OWN)

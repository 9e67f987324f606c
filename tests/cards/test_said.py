"""Which parents a card names, sentence by sentence, and which names in a card are no parents."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cards import TRUSTED
from crawler.cards.rules import RULES
from crawler.cards.said import said
from crawler.cards.text import LONGEST, decoded

OWN = "me/own-model"
HUB = "https://huggingface.co"
EVERY = frozenset(rule.name for rule in RULES)
TRAINER = "This model is a fine-tuned version of"


def found(card: str) -> set[tuple[str, str | None, bool]]:
    """(parent, relation, whether a tool wrote it) of each parent that the card names."""
    return {(one.target, one.relation, one.generated) for one in said(card, OWN, EVERY)}


@pytest.mark.parametrize(
    ("card", "target", "relation"),
    [
        (f"{TRAINER} [org/base](https://huggingface.co/org/base) on the glue dataset.", "org/base", "finetune"),
        (
            f"{TRAINER} [bert-base-uncased](https://huggingface.co/bert-base-uncased) on an unknown dataset.",
            "bert-base-uncased",
            "finetune",
        ),
        (
            f"{TRAINER} [org/base](https://huggingface.co/org/base).\nIt has been trained using [TRL](https://github.com/huggingface/trl).",
            "org/base",
            "finetune",
        ),
        (
            "These are LoRA adaption weights for org/base. The weights were trained on a photo of sks dog.",
            "org/base",
            "adapter",
        ),
        (
            "This is a dreambooth model derived from org/base-1.5. The weights were trained on x.",
            "org/base-1.5",
            "finetune",
        ),
        ("This pipeline was finetuned from **org/base** on the **you/pictures** dataset.", "org/base", "finetune"),
        (
            "This model was converted to GGUF format from [`org/base`](https://huggingface.co/org/base) using llama.cpp via it.",
            "org/base",
            "quantized",
        ),
        ("static quants of https://huggingface.co/org/base", "org/base", "quantized"),
        (
            "This repo contains GGUF format model files for [A Base](https://huggingface.co/org/base).",
            "org/base",
            "quantized",
        ),
        ("* Original model: [Base 7B](https://huggingface.co/org/base)", "org/base", "quantized"),
        ("- **Finetuned from model :** unsloth/base-bnb-4bit", "unsloth/base-bnb-4bit", "finetune"),
        (
            "An [adapter](https://adapterhub.ml) for the `bert-base-uncased` model that was trained on [x](https://x.org) data.",
            "bert-base-uncased",
            "adapter",
        ),
    ],
)
def test_a_sentence_that_a_tool_writes_names_the_parent(card: str, target: str, relation: str) -> None:
    assert found(card) == {(target, relation, True)}


@pytest.mark.parametrize(
    ("card", "target", "relation"),
    [
        ("A classifier, finetuned from [RuBERT](https://huggingface.co/org/base) on comments.", "org/base", "finetune"),
        ("It was fine-tuned from the [base](https://hf.co/org/base) with care.", "org/base", "finetune"),
        ("**Base model**: `org/base`", "org/base", None),
        ("| Base model | [org/base](/org/base) |", "org/base", None),
        (
            "The weights were initialized with [org/base](https://huggingface.co/org/base/blob/main/README.md).",
            "org/base",
            "finetune",
        ),
        ("A 4-bit AWQ quantization of [org/base](https://huggingface.co/org/base).", "org/base", "quantized"),
        ("It is continued pre-training of `org/base` on new texts.", "org/base", "finetune"),
    ],
)
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


def test_a_configuration_of_a_merge_names_each_of_its_parents() -> None:
    card = """```yaml
slices:
  - sources:
      - model: a/one
        layer_range: [0, 32]
      - model: "b/two+c/lora"
merge_method: slerp
base_model: a/base
tokenizer_source: d/tokens
```"""
    assert found(card) == {("a/one", "merge", True), ("b/two", "merge", True), ("a/base", "merge", True)}


@pytest.mark.parametrize(("line", "relation"), [("", "finetune"), ("adapter: qlora\n", "adapter")])
def test_a_configuration_of_axolotl_names_the_parent(line: str, relation: str) -> None:
    card = f"<details>\n\n```yaml\nbase_model: org/base # the base\n{line}sequence_len: 4096\n```\n</details>"
    assert found(card) == {("org/base", relation, True)}


def test_a_configuration_of_anything_else_names_no_parent() -> None:
    assert found("```yaml\nbase_model: org/base\nport: 8080\n```") == set()


def test_of_a_card_that_copies_the_one_of_its_original_only_its_own_part_is_read() -> None:
    card = f"""This repo contains AWQ model files for [Base]({HUB}/org/base).

# Original model card: Base

{TRAINER} [older/model]({HUB}/older/model) on the glue dataset.
"""
    assert found(card) == {("org/base", "quantized", True)}
    assert found(card.replace("# Original model card: Base", "")) == {("org/base", "quantized", True)}


@pytest.mark.parametrize(
    "card",
    [
        "\n".join(f"* Fine-tuned from [size {size}]({HUB}/org/base-{size})." for size in ("small", "large")),
        "\n".join(f"* [size {size}]({HUB}/org/base-{size}): for tasks of that size" for size in range(13)),
        f"Siblings: [me/small]({HUB}/me/small), fine-tuned from [org/base-small]({HUB}/org/base-small).",
        f"See [other/model-GGUF]({HUB}/other/model-GGUF) for how to use GGUF files.",
        f"Other formats: [GGUF]({HUB}/me/own-model-GGUF), [AWQ]({HUB}/me/own-model-AWQ).",
        f"Quantized versions are in [me/own-model-GGUF]({HUB}/me/own-model-GGUF).",
        f"Fine-tuned from [somebody]({HUB}/somebody).",
        f"Based on the architecture of [org/base]({HUB}/org/base), trained from scratch.",
        f"It was trained from scratch, not initialized from [org/base]({HUB}/org/base).",
        f"[x/y]({HUB}/x/y) is a language model that was made through the finetuning of [org/base]({HUB}/org/base).",
        "Here are the results of the model finetuned from `org/base`.",
        "`own-model` fine-tuned on texts.",
        *(
            f"{TRAINER} [it]({HUB}/{page}) on it."
            for page in (
                "transformers/model_doc/bert.html",
                "docs/bert",
                "spaces/org/demo",
                "blog/bert",
                "course/one",
                "metrics/f1",
            )
        ),
    ],
)
def test_a_card_that_names_models_for_another_reason_names_no_parent(card: str) -> None:
    assert found(card) == set()


def test_each_rule_has_a_name_of_its_own_and_those_that_are_on_exist() -> None:
    assert len(EVERY) == len(RULES)
    assert len(set(TRUSTED)) == len(TRUSTED)
    assert set(TRUSTED) < EVERY


def test_only_the_rules_that_are_asked_for_are_read() -> None:
    card = f"Derived from [org/base]({HUB}/org/base)."
    assert [one.rule for one in said(card, OWN, EVERY)] == ["derived_from"]
    assert said(card, OWN) == []


@pytest.mark.parametrize(
    ("card", "relation", "generated"),
    [
        ("This is a pruned version of the `org/base`.", "finetune", False),
        ("This model is derived from `org/base`.", "finetune", False),
        ("It was obtained by fine-tuning `org/base` on texts.", "finetune", False),
        ("The model was fine-tuned with care from `org/base`.", "finetune", False),
        ("Fine-tuned `org/base` in French.", "finetune", False),
        ("The initial model was `org/base` which was then fine-tuned on texts.", "finetune", False),
        ("The base model is `org/base`.", "finetune", False),
        ("0. Check requirements from the original repo org/base installed.", "quantized", True),
        ("The model is based on a pre-trained `org/base` which is fine-tuned on tweets.", "finetune", True),
    ],
)
def test_further_kinds_of_sentence_name_the_parent(card: str, relation: str, generated: bool) -> None:
    assert found(card) == {("org/base", relation, generated)}


@pytest.mark.parametrize(
    "card",
    [
        "A chat version of it is [here](https://huggingface.co/me/own-model-chat).",
        "It uses the tokenizer of [org/base](https://huggingface.co/org/base).",
        "A student, fine-tuned from scratch with [org/base](https://huggingface.co/org/base) as teacher.",
        "Unlike a fine-tuned version of [org/base](https://huggingface.co/org/base), it is small.",
        f"{TRAINER} [](https://huggingface.co/) on the None dataset.",
        f"{TRAINER} [None](https://huggingface.co/None) on the None dataset.",
        f"{TRAINER} [./checkpoint-500](https://huggingface.co/./checkpoint-500) on it.",
        f"{TRAINER} [{OWN}]({HUB}/{OWN}) on the None dataset.",
        f"{TRAINER} [org/base](https://huggingface.co/other/thing) on the glue dataset.",
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
    text = f"{TRAINER} [a/b](https://huggingface.co/a/b) on x."
    assert decoded(bytes(range(128, 256)) * 100) is None
    assert decoded(text.encode("utf-16")) == text
    assert decoded(b"\xef\xbb\xbf" + text.encode()) == text
    assert len(decoded(b"x" * 20_000_000) or "") == LONGEST


def test_front_matter_that_never_ends_is_read_as_text() -> None:
    assert found(f"---\nlicense: mit\n\nFinetuned from [x]({HUB}/org/base).\n") == {("org/base", "finetune", False)}


PIECES = st.sampled_from(
    [
        "---\n",
        "`",
        "```",
        "[",
        "](",
        ")",
        "<a href=",
        "<!--",
        "-->",
        "|",
        "\n",
        "* ",
        "org/base",
        HUB,
        "/",
        "fine-tuned version of ",
        "merge of ",
        "\ue000",
        "\ue001",
        "0",
        ".",
        "_",
        "**",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_read(card: str) -> None:
    assert all(one.target for one in said(card, OWN, EVERY))


@pytest.mark.parametrize(
    "piece", ["[", "`", "---\n", "<a href=", "<!--", "**", "_", "fine-tuned version of ", "![](", f"{HUB}/", "| "]
)
def test_a_card_that_is_made_to_be_slow_is_read_in_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        card = piece * (length // len(piece))
        start = perf_counter()
        said(card, OWN, EVERY)
        return perf_counter() - start

    # Of a card of eight times the length, quadratic time would be 64 times as long.
    assert seconds(LONGEST) < 24 * min(seconds(LONGEST // 8) for _ in range(3)) + 0.2

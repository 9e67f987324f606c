"""The kinds of sentence in which a card names a model's parents, each with a name, so that its precision can be measured.

`generated`: a tool writes the sentence, so it says what the tool was given. A pattern is read in one block; each of its groups
of digits is the number of a name. The rules of BLOCKS find where a list or a configuration begins; said.py reads it.
"""

import re
from dataclasses import dataclass
from typing import Final

from crawler.cards.text import CLOSE, OPEN

M: Final = rf"{OPEN}(\d+){CLOSE}"
# Words between: nothing that ends a sentence, and no other name.
W: Final = rf"[^.!?;\n{OPEN}]{{0,60}}?"
# What a model is called before its name.
A: Final = (
    r"(?:(?:the|a|an|our|original|base|pre-?trained|popular|open|existing|model|checkpoint|weights|version|of|from)"
    r"\s+){0,6}"
)
FORMATS: Final = (
    r"(?:GGUF|GGML|GPTQ|AWQ|EXL2|MLX|ONNX|OpenVINO|bitsandbytes|BNB|NF4|FP8|INT4|INT8|[234568][ -]?bits?|HQQ|AQLM|QuIP#?|EETQ"
    r"|imatrix|static|weighted|quanti[sz]ed)"
)


MERGEKIT_LIST, MERGEKIT_CONFIG, AXOLOTL_CONFIG = "mergekit_list", "mergekit_config", "axolotl_config"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of sentence, and the relation that it says; None: it says none."""

    name: str
    pattern: re.Pattern[str]
    relation: str | None
    generated: bool


def _rule(name: str, pattern: str, relation: str | None, *, generated: bool = False) -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE | re.MULTILINE), relation, generated)


GENERATED: Final = (
    # Transformers' Trainer, Keras callback, TRL, Axolotl and H4's handbook write this.
    _rule("trainer", rf"^This model is a fine-tuned version of {M}(?= on |\.|$|,)", "finetune", generated=True),
    _rule("diffusers_lora", rf"^These are (?:Q?LoRA|DoRA) adapt?ion weights for {M}", "adapter", generated=True),
    _rule("diffusers_dreambooth", rf"^This is a dreambooth model derived from {M}", "finetune", generated=True),
    _rule("diffusers_text", rf"^This pipeline was finetuned from {M} on the ", "finetune", generated=True),
    _rule("diffusers_inversion", rf"^These are textual inversion adapt?ion weights for {M}", "adapter", generated=True),
    _rule("diffusers_controlnet", rf"^These are controlnet weights trained on {M} with ", "adapter", generated=True),
    _rule("gguf_my_repo", rf"was converted to GGUF format from {M} using llama\.cpp", "quantized", generated=True),
    _rule("mlx", rf"was converted to MLX format from {M}", "quantized", generated=True),
    _rule("quants_of", rf"^(?:static|weighted/imatrix|weighted) quants of {M}", "quantized", generated=True),
    _rule(
        "model_files",
        rf"^This repo(?:sitory)? contains {FORMATS}(?: format)? (?:format )?(?:quantized )?model files for {M}",
        "quantized",
        generated=True,
    ),
    _rule("original_model", rf"^Original model:\s*{M}", "quantized", generated=True),
    _rule(
        "quantfactory",
        rf"^This is (?:a )?quantized version of {M} created using llama\.cpp",
        "quantized",
        generated=True,
    ),
    _rule("sentence_transformers", rf"^This is an? \S+ (?:\S+ )?model finetuned from {M}", "finetune", generated=True),
    _rule("setfit", rf"SetFit model uses {M} as the Sentence Transformer embedding model", "finetune", generated=True),
    _rule("adapter_hub", rf"^An \S+ for the {M} model that was trained on ", "adapter", generated=True),
    _rule(
        "mergekit_base",
        rf"^This model was merged using the .{{1,200}} merge method(?: using {M} as a base)",
        "merge",
        generated=True,
    ),
    _rule("unsloth", rf"^Finetuned from model\s*:\s*{M}", "finetune", generated=True),
    _rule(
        "huggingtweets",
        rf"^The model is based on a pre-trained {M} which is fine-tuned on ",
        "finetune",
        generated=True,
    ),
    _rule(
        "pruna", rf"^(?:\d+\. )?Check requirements from the original repo {M} installed", "quantized", generated=True
    ),
)

HAND: Final = (
    _rule(
        "fine_tuned",
        r"\b(?:fine-?\s?tuned?|finetuning)\s+(?:version|variant|checkpoint|model|release|instance)?\s*"
        rf"(?:of|from|on top of)\s+{A}{M}",
        "finetune",
    ),
    _rule("fine_tuned_from", rf"\bfine-?\s?tuned\b{W}\bfrom\s+{A}{M}", "finetune"),
    _rule(
        "by_fine_tuning",
        rf"\b(?:built|obtained|created|made|trained|produced|developed)\s+by\s+(?:further\s+)?fine-?tuning\s+{A}{M}",
        "finetune",
    ),
    _rule(
        "fine_tuned_on",
        rf"^(?:This is (?:a |the )?|This model is (?:a |the )?|This (?:model )?)?"
        rf"(?:fine-?tuned {A}{M}(?: model)? (?:on|for|with|in)"
        rf"|{A}{M}(?: model)? (?:was |is )?fine-?tuned (?:first )?(?:on|for|with|in|using)) ",
        "finetune",
    ),
    _rule(
        "pretrained_then_tuned",
        rf"\b(?:we used?|(?:was|is) originally|(?:initial|base) model (?:was|is)) "
        rf"(?:the |a |HuggingFace's )?(?:pre-?trained )?{A}{M}(?: model)?,?"
        r" (?:and|which|that) (?:(?:is|was) )?(?:(?:then|later) )?(?:further )?fine-?tuned",
        "finetune",
    ),
    _rule("fine_tune_of", rf"\b(?:fine-?tun(?:e|ing)|finetun(?:e|ing))\s+(?:of|from)\s+{A}{M}", "finetune"),
    _rule(
        "quantized_of",
        rf"\b{FORMATS}(?:[- ]?(?:format|quanti[sz]ed|quanti[sz]ation|weights|model|files?|version|quants?|conversion))*"
        rf"\s+(?:of|for|from)\s+{A}{M}",
        "quantized",
    ),
    _rule("converted_from", rf"\bconver(?:ted|sion)\s+(?:of|from)\s+{A}{M}", "quantized"),
    _rule(
        "merge_of", rf"\bmerged?\s+(?:model\s+)?(?:of|from|between)\s+{A}{M}(?:{W}{M})?(?:{W}{M})?(?:{W}{M})?", "merge"
    ),
    _rule(
        "base_model",
        rf"^(?:Base|Parent|Source|Foundation|Backbone)[ _-]?model(?:\s*\(s\)|s)?\s*(?:\||:|=|-)\s*(?:\|\s*)?{A}{M}",
        None,
    ),
    _rule(
        "finetuned_from_field",
        rf"^(?:Fine-?tuned|Continue-?pretrained|Trained|Adapted|Derived) from(?: model)?(?: \[optional\])?\s*(?:\||:)\s*{A}{M}",
        "finetune",
    ),
    _rule(
        "adapter_for",
        rf"\b(?:Q?LoRA|adapter)s?(?: (?:adapter|weights|model))*\s+(?:for|of|trained on|on top of)\s+{A}{M}",
        "adapter",
    ),
    _rule("initialized", rf"\binitiali[sz]ed\s+(?:from|with|by|using)\s+{A}{M}", "finetune"),
    _rule("continued", rf"\bcontinu(?:ed|al|ous)[ -]pre-?training\s+(?:of|from|on top of)\s+{A}{M}", "finetune"),
    _rule(
        "reduced_from",
        rf"\b(?:pruned|abliterated|uncensored|smaller) (?:versions?|variants?|checkpoints?) (?:of|from) {A}{M}",
        "finetune",
    ),
    _rule("derived_from", rf"\bderived from {A}{M}", "finetune"),
    _rule("base_model_is", rf"^The base model(?: used)? is {A}{M}", "finetune"),
)

BLOCKS: Final = (
    _rule(MERGEKIT_LIST, r"^The following models were included in the merge", "merge", generated=True),
    _rule(MERGEKIT_CONFIG, r"^merge_method:", "merge", generated=True),
    _rule(AXOLOTL_CONFIG, r"^(?:micro_batch_size|sequence_len):", None, generated=True),
)
RULES: Final = GENERATED + BLOCKS + HAND

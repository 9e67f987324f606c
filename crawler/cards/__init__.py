"""What the text of a card says of a model's parents. Pure functions."""

from typing import Final

# The version of the rules. It is kept with what was read, so that a card that older rules read is read again.
READER: Final = 1
# The kinds of sentence that make links: what tools write, and hand-written sentences of which at least 20 were found, of
# several authors and with a precision of at least 95 % (docs/lineage.md). Their patterns are in rules.py.
TRUSTED: Final = (
    "trainer", "diffusers_lora", "diffusers_dreambooth", "diffusers_text", "diffusers_inversion", "diffusers_controlnet",
    "gguf_my_repo", "mlx", "quants_of", "model_files", "original_model", "quantfactory", "sentence_transformers", "setfit",
    "adapter_hub", "mergekit_base", "unsloth", "huggingtweets", "pruna", "mergekit_list", "mergekit_config", "axolotl_config",
    "fine_tuned", "fine_tuned_on", "pretrained_then_tuned", "base_model", "initialized", "reduced_from", "base_model_is",
)  # fmt: skip

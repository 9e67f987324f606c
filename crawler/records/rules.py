"""Rules that read what nobody declared, each by its name, so that each can be turned off (`lineage.rules`).

`files:…` reads the relation of a declared parent from the child's own files; `name:…` finds the parent of a model that
declares none. How sure each rule is, measured on declared links that were hidden from it, is in docs/lineage.md; those
that hold 95 % are on by default.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NameRule:
    """`<parent>-<mark>`: `mark` is a regular expression of one part of a name; `packed`: its weights are packed integers."""

    name: str
    mark: str
    packed: bool


FILE_RULES = ("files:peft", "files:mergekit", "files:gguf", "files:quantization_config")
# The first whose mark a name carries is its rule.
NAME_RULES = (
    NameRule("name:gguf", "gguf|ggml|i?q[1-8]_[a-z0-9_]+", packed=False),
    NameRule("name:awq", "awq", packed=True),
    NameRule("name:gptq", "gptq", packed=True),
    NameRule("name:exl", "exl[23]|[2-8](?:[.][0-9]+)?bpw", packed=True),
    NameRule("name:mlx", "mlx", packed=True),
    NameRule("name:bnb", "bnb|nf4", packed=True),
    NameRule("name:fp8", "fp8|int8|w8a8|w8a16", packed=True),
    NameRule("name:int4", "int4|w4a16", packed=True),
    NameRule("name:onnx", "onnx|openvino|ov", packed=False),
    NameRule("name:bits", "[2-8][-_]?bits?", packed=True),
)
# What any of these finds within one owner's models is another rule: an owner's own copy often carries its model's card.
OWN_NAME = "name:own"
RULES = (*FILE_RULES, *(rule.name for rule in NAME_RULES), OWN_NAME)
# The name rules that found the declared parent itself at least 95 times in 100.
DEFAULT_RULES = (*FILE_RULES, "name:gguf", "name:awq", "name:gptq", "name:mlx")
# Parts of a name that come with a format and decide nothing: levels, group sizes, calibration.
_BESIDE_FORMATS = (
    "i1|imat|imatrix|q[2-8]|h[68]|g?128g?|gs?[0-9]+|quant|quants|quantized|dynamic|mixed|smashed|hqq|eetq|aqlm|marlin"
)
# Every part of a name that belongs to a format: what is before them is the parent's name.
MARKS = "|".join([*(rule.mark for rule in NAME_RULES), _BESIDE_FORMATS])

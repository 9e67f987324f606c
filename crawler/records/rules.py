"""The rules that infer what nobody declares. Each has a name, so that it can be turned off (`lineage.rules`).

A `files:…` rule reads the relation to a declared parent from the child's own files. A `name:…` rule finds the parent of a
model that declares none. docs/lineage.md says how precise each rule is on declared links that were hidden from it. The
rules with a precision of at least 95 % are on by default.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NameRule:
    """Finds the parent of `<parent>-<mark>`. `mark` is a regular expression for one part of a name.

    `packed` says that such a model's weights are packed integers.
    """

    name: str
    mark: str
    packed: bool


FILE_RULES = ("files:peft", "files:mergekit", "files:gguf", "files:quantization_config")
# The first rule whose mark stands in a name applies to it.
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
# A parent that any of these finds among the same owner's models falls under this rule instead: such a copy often carries
# the card of its original.
OWN_NAME = "name:own"
RULES = (*FILE_RULES, *(rule.name for rule in NAME_RULES), OWN_NAME)
# The name rules here found exactly the declared parent in at least 95 % of the cases.
DEFAULT_RULES = (*FILE_RULES, "name:gguf", "name:awq", "name:gptq", "name:mlx")
# Parts of a name that accompany a format but decide nothing: levels, group sizes, calibration.
_BESIDE_FORMATS = (
    "i1|imat|imatrix|q[2-8]|h[68]|g?128g?|gs?[0-9]+|quant|quants|quantized|dynamic|mixed|smashed|hqq|eetq|aqlm|marlin"
)
# Every part of a name that belongs to a format. The parent's name stands before these parts.
MARKS = "|".join([*(rule.mark for rule in NAME_RULES), _BESIDE_FORMATS])

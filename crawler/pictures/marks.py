"""What pictures show without words: a mark and a colour for each relation, and the style sheet.

The mark alone tells the relations apart, in grey and for the colour-blind. The colours are those of Okabe and Ito, darker
on white paper. Colours are written out for each scheme, since many programs that show SVG know no variables of CSS.
"""

from collections.abc import Iterator, Mapping

CLASS = "family-tree"
"""The class of every picture: the style sheet applies to nothing else."""

# Paths that begin at the middle of the mark.
MARKS = {
    "copy": "m0,5.4l-5,-9h10z",
    "quantized": "m-4.2,-4.2h8.4v8.4h-8.4z",
    "adapter": "m0,-5.4l5,9h-10z",
    "finetune": "m-4.6,0a4.6,4.6 0 1 0 9.2,0a4.6,4.6 0 1 0 -9.2,0z",
    "merge": "m0,-5.8l5.8,5.8l-5.8,5.8l-5.8,-5.8z",
    "unknown": "m-1.5,-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
}
ASKED = "m-5.6,0a5.6,5.6 0 1 0 11.2,0a5.6,5.6 0 1 0 -11.2,0z"
MORE = "m-5,-1h2v2h-2zm4,0h2v2h-2zm4,0h2v2h-2z"
ARROW = "m0,0l5,-2.6v5.2z"

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1a1d21",
    "muted": "#565d66",
    "line": "#8b939c",
    "band": "#e9eef4",
    "copy": "#1a1d21",
    "quantized": "#007a59",
    "adapter": "#c05000",
    "finetune": "#0069a8",
    "merge": "#a3427c",
    "unknown": "#6a7078",
}
DARK = {
    "paper": "#15181c",
    "ink": "#e8ebee",
    "muted": "#a6adb5",
    "line": "#7a828b",
    "band": "#252b33",
    "copy": "#e8ebee",
    "quantized": "#2bc79a",
    "adapter": "#f0922b",
    "finetune": "#62b8ee",
    "merge": "#dc8fbd",
    "unknown": "#9aa1a9",
}

_SHARED = """\
.family-tree{display:block;max-width:100%;height:auto}
.family-tree text{font:11px system-ui,"Segoe UI","Liberation Sans","DejaVu Sans",Arial,sans-serif}
.family-tree .name{font:11px ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
.family-tree text,.family-tree tspan{white-space:pre;unicode-bidi:isolate}
.family-tree .end{text-anchor:end}
.family-tree .asked-name{font-weight:bold;font-size:12px}
.family-tree .strong{font-weight:bold}
.family-tree .note{font-size:10px}
.family-tree .head{font-size:10px}
.family-tree .title{font-size:14px;font-weight:bold}
.family-tree .gone{text-decoration:line-through}
.family-tree .absent{font-style:italic}
.family-tree .line,.family-tree .lane{fill:none;stroke-width:1.2}
.family-tree .lane{stroke-dasharray:5 3}
.family-tree .withdrawn{stroke-dasharray:1.2 2.6;stroke-width:1.6}
.family-tree .rule{fill:none;stroke-width:1}
.family-tree .mark{stroke-width:1.5}
"""


def _colours(scheme: Mapping[str, str]) -> Iterator[str]:
    rules = {
        "paper": "fill:{paper}",
        "band": "fill:{band}",
        "name,text": "fill:{ink}",
        "note,head": "fill:{muted}",
        "asked": "fill:{ink};stroke:{ink}",
        "line,lane": "stroke:{line}",
        "rule": "stroke:{band}",
        "arrow,more": "fill:{line}",
        **{name: f"fill:{{{name}}};stroke:{{{name}}}" for name in MARKS},
        "hollow": "fill:{paper}",
        "branch": "fill:none",
    }
    for names, rule in rules.items():
        selector = ",".join(f".{CLASS} .{name}" for name in names.split(","))
        yield f"{selector}{{{rule.format(**scheme)}}}\n"


STYLE = "".join(
    [
        _SHARED,
        *_colours(LIGHT),
        "@media screen and (prefers-color-scheme:dark){\n",
        *_colours(DARK),
        "}\n",
    ]
)
"""The style sheet of all pictures. A page with several of them, or with a policy for styles, states it once."""

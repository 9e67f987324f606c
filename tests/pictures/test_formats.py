"""What each format writes, also of names that try to be more than names."""

import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from crawler.answers.table import display_width
from crawler.pictures import diagrams, marks, page, svg, text
from crawler.pictures.grouping import Tree, grow
from crawler.pictures.labels import ENGLISH, Labels
from crawler.pictures.layout import ROW
from crawler.records.words import RELATIONS
from crawler.relatives.model import Relatives
from tests.support.families import family, link, member

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><!--<svg onload=alert(1)>",
    "a\x1b[31mred\x07\x00",
    "abc\u202egnp.exe\u2066\u200b",
    "line\nbreak\r\ttab",
    "{{7*7}} {model} %s $HOME `x`",
    '"]; n0 -> n1 [label="',
    '"]\nend\nclick n0 "javascript:alert(1)"',
    "&amp;#60;b#gt; \\N \\\\",
    "\ud800\uffff",
    "漢字" * 40,
    "שלום/عربي",
    "x" * 10_000,
]


def hostile() -> Relatives:
    names = [f"org/{name}" for name in HOSTILE]
    keys = [f"k{n}" for n in range(len(names))]
    links = [
        *(link(key, "k0", list(RELATIONS)[n % len(RELATIONS)]) for n, key in enumerate(keys) if n),
        link("k1", "k2"),
    ]
    return family("k0", [member(key, name, downloads=1) for key, name in zip(keys, names, strict=True)], links)


def hostile_trees() -> list[Tree]:
    return [grow(hostile()), grow(hostile(), ungrouped=0)]


def small() -> Tree:
    members = [
        member("up", "old/lost", status="absent"),
        member("a", "org/base", children=3, downloads=1234, gated="manual"),
        member("b", "org/tuned", children=2),
        member("c", "org/other", children=1),
        member("m", "org/merged", status="gone"),
        member("w", "org/edited"),
    ]
    links = [
        link("a", "up", "unknown"),
        link("b", "a"),
        link("c", "a", "adapter"),
        link("m", "b", "merge"),
        link("m", "c", "merge"),
        link("w", "a", "quantized", withdrawn=True),
    ]
    return grow(family("a", members, links))


def many(groups: int = 1, size: int = 60) -> Tree:
    """A family with so many fine-tunes, each with a group of so many quantised copies."""
    members = [member("a", "org/base"), *(member(f"b{n}", f"org/tuned-{n}", children=1) for n in range(groups))]
    links = [link(f"b{n}", "a") for n in range(groups)]
    for n in range(groups):
        members += [member(f"c{n}-{m}", f"org/copy-{n}-{m}", downloads=size - m) for m in range(size)]
        links += [link(f"c{n}-{m}", f"b{n}", "quantized") for m in range(size)]
    return grow(family("a", members, links))


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def drawn(tree: Tree, rows: int | None = svg.ROWS) -> ET.Element:
    return ET.fromstring(svg.drawing(tree, ["as of crawl 1"], rows=rows))  # noqa: S314  # our own


def test_a_drawing_says_in_words_what_it_shows() -> None:
    root = drawn(small())
    title, text_below = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert text_below is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {text_below.get('id')}"
    assert (words(title), words(text_below)) == ("The family of org/base", "1 ancestor, 4 descendants")
    assert [words(title) for row in root.iter(f"{SVG}g") for title in row.findall(f"{SVG}title")] == [
        "old/lost\nunknown, unclear, declared by hub, absent, 1 step away",
        "org/base\ngated, the model asked about",
        "org/tuned\nfinetune, retrained, declared by hub, 1 step away",
        "org/other\nadapter, needs parent, declared by hub, 1 step away",
        "org/merged\nmerge, mixed, declared by hub, gone, 2 steps away\nalso from org/tuned",
        "org/edited\nquantized, same weights, declared by hub, no longer declared, 1 step away",
    ]


def test_marks_and_lines_tell_apart_what_colours_tell_apart() -> None:
    root = drawn(small())
    classes = {name for element in root.iter() for name in (element.get("class") or "").split()}
    assert {"hollow", "gone", "withdrawn", "lane", "arrow", "finetune", "adapter", "merge", "quantized"} <= classes
    assert set(RELATIONS) <= marks.MARKS.keys()
    assert len(set(marks.MARKS.values())) == len(marks.MARKS)


@pytest.mark.parametrize("scheme", [marks.LIGHT, marks.DARK])
def test_every_colour_is_readable_on_its_paper(scheme: dict[str, str]) -> None:
    for name, colour in scheme.items():
        least = 4.5 if name in {"ink", "muted"} else 1 if name in {"paper", "band"} else 3
        assert contrast(colour, scheme["paper"]) >= least, name


def contrast(one: str, other: str) -> float:
    """As the WCAG measures it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_drawing_that_is_cut_says_what_it_leaves_out() -> None:
    tree = many(groups=100, size=60)
    assert len(tree.below) == 200
    root = drawn(tree)
    assert len([box for box in root.iter(f"{SVG}g") if box.find(f"{SVG}title") is not None]) <= svg.ROWS
    shown = words(root)
    assert "6,100 descendants" in shown
    hidden = int(re.findall(r"([\d,]+) are not shown", shown)[0].replace(",", ""))
    assert hidden > 0
    whole = drawn(tree, rows=None)
    assert "not shown" not in words(whole)
    assert float(whole.get("height", "0")) > 200 * ROW


def test_texts_of_a_row_do_not_run_into_each_other() -> None:
    for tree in (small(), many(3, 40), *hostile_trees()):
        for row in drawn(tree, rows=None).iter(f"{SVG}g"):
            if row.find(f"{SVG}title") is not None:
                spans = sorted(map(extent, row.iter(f"{SVG}text")))
                assert all(one[1] <= other[0] for one, other in pairwise(spans)), words(row)


def extent(element: ET.Element) -> tuple[float, float]:
    """From where to where a text reaches, in fonts of usual widths."""
    width = 5.6 * display_width(element.text or "")
    for part in element:
        kind = part.get("class") or ""
        letter = 7.3 if "asked-name" in kind else 6.62 if "name" in kind else 5.6
        width += letter * display_width(part.text or "") + 5.6 * len(part.tail or "")
    at = float(element.get("x", "0"))
    return (at - width, at) if "end" in (element.get("class") or "").split() else (at, at + width)


def test_a_page_with_several_pictures_has_no_id_and_no_style_twice() -> None:
    two = svg.drawing(small(), identifier="one", styled=False) + svg.drawing(small(), identifier="two", styled=False)
    identifiers = re.findall(r' id="([^"]+)"', two)
    assert len(identifiers) == len(set(identifiers)) == 4
    assert "<style" not in two


def test_another_language_is_another_set_of_labels() -> None:
    french = Labels(
        words={"finetune": "affinage", "retrained": "réentraîné"},
        language="fr",
        title="La famille de {model}",
        ancestors=("aucun ascendant", "1 ascendant", "{n} ascendants"),
        number=lambda n: f"{n:,}".replace(",", "\u202f"),
    )
    shown = svg.drawing(small(), labels=french)
    for expected in ("La famille de org/base", "affinage", "réentraîné", "1 ascendant", "1\u202f234"):
        assert expected in shown
    assert '<html lang="fr">' in page.page(small(), labels=french)


class Page(HTMLParser):
    """The elements of a page, with their attributes and their text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "div", "details", "summary",
    "svg", "g", "path", "text", "tspan", "rect", "circle", "desc",
}  # fmt: skip


def test_a_group_of_a_page_unfolds_into_its_members() -> None:
    found = Page(page.page(many(groups=2, size=30), ["as of crawl 1"]))
    assert len(found.named("details")) == len(found.named("summary")) == 2
    assert [one for one in found.named("svg") if one.get("role") == "img"] != []
    joined = " ".join(found.texts)
    assert all(f"org/copy-1-{n}" in joined for n in range(30))
    assert "as of crawl 1" in joined
    [policy] = [one["content"] for one in found.named("meta") if one.get("http-equiv")]
    assert policy == page.POLICY
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


@pytest.mark.parametrize("tree", hostile_trees(), ids=["rows", "groups"])
def test_hostile_names_stay_text_in_documents(tree: Tree) -> None:
    for source in (svg.drawing(tree), page.page(tree)):
        found = Page(source)
        assert {name for name, _ in found.elements} <= OURS
        attributes = {name for _, given in found.elements for name in given}
        assert not {name for name in attributes if name.startswith("on") or name in {"href", "src", "style"}}
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\uffff]", source
        )
        source.encode()
        assert "x" * 400 not in source
    ET.fromstring(svg.drawing(tree))  # noqa: S314  # our own
    assert r"abc\u202egnp.exe\u2066" in svg.drawing(grow(hostile()))


# One statement of each language, with a label in quotes: nothing else may be in a file.
DOT = re.compile(
    r'(?:digraph family \{|\}|  (?:graph|node|edge) \[.*\];|  n\d+ \[label="(?:[^"\\\n]|\\.)*", [a-z0-9=, ]+\];'
    r'|  n\d+ -> n\d+ \[style=[a-z]+, color="#[0-9a-f]{6}"(?:, label="[a-z]+")?\];)'
)
MERMAID = re.compile(
    r'(?:flowchart LR|  classDef [a-z]+ [a-z0-9 :,-]+|  n\d+ (?:-->|-\.->)(?:\|"[A-Za-z0-9 ,#;]+"\|)? n\d+'
    r'|  n\d+[\[({>/\\]+"[A-Za-z0-9 ./_,():#;-]*"[\])}/\\]+(?::::[a-z]+)?)'
)


@pytest.mark.parametrize("tree", [small(), many(), *hostile_trees()], ids=["small", "many", "rows", "groups"])
def test_diagrams_hold_nothing_but_their_statements(tree: Tree) -> None:
    for source, statement in ((diagrams.dot(tree), DOT), (diagrams.mermaid(tree), MERMAID)):
        assert [line for line in source.split("\n") if line and not statement.fullmatch(line)] == []
        source.encode()


def test_diagrams_have_the_links_of_the_tree_and_the_further_ones() -> None:
    links = re.findall(r"n(\d) -> n(\d) \[style=(\w+)", diagrams.dot(small()))
    assert set(links) == {
        ("1", "0", "solid"), ("0", "2", "solid"), ("0", "3", "solid"), ("3", "4", "solid"), ("2", "4", "dashed"),
        ("0", "5", "dotted"),
    }  # fmt: skip
    assert len(re.findall(r"-->|-\.->", diagrams.mermaid(small()))) == len(links)


class Terminal(io.StringIO):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # of a terminal it is never unknown
        return self._encoding

    def isatty(self) -> bool:
        return True


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_tree_in_a_file_has_ancestors_above_and_descendants_below() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    text.write(small(), out)
    out.seek(0)
    assert out.read().splitlines() == [
        " " * 44 + "  relation   class",
        "┌─ old/lost (absent)" + " " * 24 + "  unknown    unclear",
        "org/base (gated)",
        "├─ org/tuned" + " " * 32 + "  finetune   retrained",
        "├─ org/other" + " " * 32 + "  adapter    needs_parent",
        "│  └─ org/merged (gone, also from org/tuned)" + "  merge      mixed",
        "└─ org/edited (no longer declared)" + " " * 10 + "  quantized  same_weights",
        "",
        "1 ancestor, 4 descendants: 6 rows",
    ]


@pytest.mark.usefixtures("columns")
@pytest.mark.parametrize("width", [20, 40, 64, 80, 132])
def test_no_line_is_wider_than_the_terminal_and_no_name_steers_it(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    for tree in (small(), many(3, 40), *hostile_trees()):
        out = Terminal()
        text.write(tree, out)
        assert [line for line in out.getvalue().splitlines() if display_width(line) > max(width, 30)] == []
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", out.getvalue())


@pytest.mark.usefixtures("columns")
def test_a_terminal_without_the_characters_of_boxes_gets_ascii() -> None:
    out = Terminal("ascii")
    text.write(small(), out)
    assert out.getvalue().isascii()
    assert "`- " in out.getvalue()
    boxes = Terminal()
    text.write(small(), boxes)
    assert "└─ " in boxes.getvalue()


@pytest.mark.usefixtures("columns")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_are_for_terminals_that_want_them(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured, file, plain = Terminal(), io.StringIO(), Terminal()
    text.write(small(), coloured)
    text.write(small(), file)
    monkeypatch.setenv(name, value)
    text.write(small(), plain)
    assert "\x1b[34mfinetune" in coloured.getvalue()
    assert "\x1b[9morg/merged\x1b[0m" in coloured.getvalue()
    assert "\x1b" not in file.getvalue() + plain.getvalue()


def test_a_model_without_relatives_is_one_honest_line() -> None:
    alone = grow(family("a", [member("a", "org/alone")], []))
    out = io.StringIO()
    text.write(alone, out)
    line = "org/alone has no declared ancestors or descendants. That is no proof that it has none."
    assert out.getvalue() == f"{line}\n"
    assert line in words(drawn(alone))
    assert line in page.page(alone)
    assert line == ENGLISH.numbers(alone)

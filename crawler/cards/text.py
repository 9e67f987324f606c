"""The text of a card as blocks: paragraphs, items of lists, rows of tables and headings, with the names of models marked.

A name counts where it is a link, an address or code. Where the text of a link names another repository than its address,
neither counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Literal

from crawler.records.references import REPOSITORY, Unreadable, read_address, read_reference

# A longer card is cut: no card of a person is longer, and what tools write about parents stands at the beginning.
LONGEST: Final = 200_000
# A longer block is a dump of something, such as a table on one line.
_LONGEST_BLOCK: Final = 5_000
# In a block, a name is one of these with its number between them; what else is a link is the last.
OPEN, CLOSE, OTHER = "\ue000", "\ue001", "\ue002"
_OWN_MARKS: Final = re.compile(f"[{OPEN}{CLOSE}{OTHER}]")

_FRONT_MATTER: Final = re.compile(r"\s*---[ \t]*\n(?:.*?\n)??---[ \t]*(?:\n|$)", re.DOTALL)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_FENCE: Final = re.compile(r"^[ \t]*(`{3,8}|~{3,8})[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_TAG: Final = re.compile(
    r"</?(?:p|div|span|b|i|u|em|strong|br|center|h[1-6]|font|sub|sup|li|ul|ol|details|summary)\b[^>]*>", re.IGNORECASE
)
_ANCHOR: Final = re.compile(
    r"<a\s(?:[^<>]{0,300}?\s)??href\s*=\s*[\"']?([^\"'\s<>]{1,500})[^<>]{0,300}>((?:[^<]|<(?!/?a\b)){0,500})</a\s*>",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+•]|\d+[.)])[ \t]+")
_MENTION: Final = re.compile(
    r"!\[[^\]\n]*\]\([^()\n]*\)"  # a picture
    r"|\[(?P<text>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\(\s*<?(?P<target>[^()\s>]*)>?(?:\s+[\"'][^)\n]*)?\s*\)"
    r"|(?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^`\n]+)(?P=ticks)"
    r"|(?P<url><?(?:https?://|(?<![\w./])(?:www\.)?(?:huggingface\.co|hf\.co)/)[^\s<>()\[\]\"'`|*,;]+>?)"
)
_EMPHASIS: Final = re.compile(r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)")
# A name without an owner is one of the Hub's first models; there will be no new ones. Any other is a user or a page.
_WITHOUT_OWNER: Final = re.compile(
    r"(?:albert|bert|camembert|ctrl|distilbert|distilgpt2|distilroberta|gpt2|openai-gpt|roberta|t5|transfo-xl|xlm|xlm-roberta"
    r"|xlnet)(?:-[a-z0-9-]+)?",
    re.IGNORECASE,
)
# The heading under which a card copies the one of another model.
_COPY: Final = re.compile(
    r"(?:below is |here is |the )?(?:the )?original(?: \S+)? (?:model(?:'s)? ?card|card|readme)|original(?: model)? description",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)

Form = Literal["paragraph", "item", "row", "heading"]


@dataclass(frozen=True, slots=True)
class Name:
    """A repository that a block names."""

    name: str
    """As it is spelt, without the address around it."""
    form: Literal["link", "code", "address"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a card. `text` has no mark-up; name `i` of `names` stands in it as OPEN, `i`, CLOSE."""

    form: Form
    text: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A card without its front matter, as far as it is its own."""

    blocks: tuple[Block, ...]
    code: tuple[str, ...]
    """What stands in fences."""
    raw: str


def decoded(body: bytes) -> str | None:
    """The text of a card's file; None where it is no text."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if body.startswith(mark):
            return body[:LONGEST].decode(encoding, errors="replace")
    text = body[:LONGEST].decode("utf-8", errors="replace")
    strange = sum(text.count(character) for character in "\ufffd\x00")
    return text if strange <= len(text) // 100 else None


def read(text: str) -> Card:
    """A card, read. Front matter that never ends is read like any other text."""
    text = _OWN_MARKS.sub("", text[:LONGEST]).replace("\r\n", "\n").replace("\r", "\n")
    if found := _FRONT_MATTER.match(text):
        text = text[found.end() :]
    code = tuple(match[2] for match in _FENCE.finditer(text))
    bare = _FENCE.sub("\n\n", _COMMENT.sub("", text))
    bare = _TAG.sub(" ", _ANCHOR.sub(lambda a: f"[{' '.join(_TAG.sub(' ', a[2]).split())}]({a[1]})", bare))
    own = takewhile(lambda block: not _COPY.match(block.text), _blocks(bare))
    return Card(tuple(own), code, text)


def _blocks(text: str) -> Iterator[Block]:
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        stripped = line.strip()
        form = _form(stripped)
        if paragraph and (not stripped or form != "paragraph"):
            yield _block("paragraph", " ".join(paragraph))
            paragraph = []
        if not stripped:
            continue
        if form == "paragraph":
            paragraph.append(stripped)
        else:
            yield _block(form, stripped)


def _form(line: str) -> Form:
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "row"
    return "item" if _ITEM.match(line) else "paragraph"


def _block(form: Form, text: str) -> Block:
    names: list[Name] = []

    def mark(found: re.Match[str]) -> str:
        if found[0].startswith("!"):
            return " "
        name = _named(found)
        if name is None:
            # Code that names nothing is a word; any other link says where more is to be read.
            return found["code"] or OTHER
        names.append(name)
        return f"{OPEN}{len(names) - 1}{CLOSE}"

    text = text[:_LONGEST_BLOCK]
    if form == "item":
        text = _ITEM.sub("", text, count=1)
    marked = _EMPHASIS.sub("", _MENTION.sub(mark, text.replace("**`", "`").replace("`**", "`")))
    return Block(form, " ".join(marked.strip("# \t|").split()), tuple(names))


def _named(found: re.Match[str]) -> Name | None:
    if found["code"] is not None:
        code = found["code"].strip()
        return Name(code, "code") if REPOSITORY.fullmatch(code) and _is_name(code) else None
    if found["url"] is not None:
        name = _of_address(found["url"].strip("<>").rstrip(".:!?"))
        return Name(name, "address") if name else None
    if found["target"] is None:
        return None
    name = _of_target(found["target"])
    if name is None:
        return None
    shown = found["text"].strip("`* _")
    said = shown if REPOSITORY.fullmatch(shown) and "/" in shown else _of_address(shown) if _HOST.match(shown) else None
    return Name(name, "link") if said is None or said.lower() == name.lower() else None


def _is_name(code: str) -> bool:
    """Whether code can be the name of a repository, and no path, module or argument."""
    if code.startswith((".", "-", "/")) or code.endswith(
        (".py", ".json", ".txt", ".md", ".bin", ".gguf", ".safetensors", "/")
    ):
        return False
    return "/" in code or _WITHOUT_OWNER.fullmatch(code) is not None


def _of_target(target: str) -> str | None:
    """The model that the target of a link leads to: an address, or a path on the Hub itself."""
    if re.match(r"[a-z]+:", target, re.IGNORECASE) or _HOST.match(target):
        return _of_address(target)
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    if not path.startswith("/") or path.startswith("//"):
        return None  # a file of the repository
    return _of_address(f"https://huggingface.co{path}")


def _of_address(address: str) -> str | None:
    found = read_address(address)
    if found is None or found.kind != "model":
        return None
    names = read_reference(found.name)
    if isinstance(names, Unreadable) or len(names) != 1:
        return None
    return names[0] if "/" in names[0] or _WITHOUT_OWNER.fullmatch(names[0]) else None

"""What pictures say in words. English is the default; another language is another `Labels`."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from crawler.answers.table import display_width
from crawler.pictures.grouping import Row, Tree
from crawler.readable import number

# Control characters, those that have no sign of their own or change the direction, what no font knows, and surrogates.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """A text as a document or a terminal may hold it: what cannot be seen, or steers what is seen, as an escape."""
    return text if text.isascii() and text.isprintable() else "".join(map(_clean, text))


def _clean(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@dataclass(frozen=True)
class Labels:
    """Every text of a picture. `{n}` stands for a number, `{model}` and `{name}` for a name.

    Three forms are for none, for one and for several.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    """Relations, classes and states whose text is not the word itself with its underlines as blanks."""
    language: str = "en"
    number: Callable[[int], str] = number
    title: str = "The family of {model}"
    ancestors: tuple[str, ...] = ("no ancestors", "1 ancestor", "{n} ancestors")
    descendants: tuple[str, ...] = ("no descendants", "1 descendant", "{n} descendants")
    alone: str = "{model} has no declared ancestors or descendants. That is no proof that it has none."
    models: tuple[str, ...] = ("no models", "1 model", "{n} models")
    rows: tuple[str, ...] = ("no rows", "1 row", "{n} rows")
    more: tuple[str, ...] = ("and no more models", "and 1 more model", "and {n} more models")
    others: str = "and {n} more"
    """After the names of some models of a group."""
    hidden: str = "{n} more not shown"
    """Beside a model: how many that hang from it are not shown."""
    not_shown: tuple[str, ...] = ("all are shown", "1 is not shown", "{n} are not shown")
    undrawn: tuple[str, ...] = ("all links are drawn", "1 further link is not drawn", "{n} further links are not drawn")
    of_group: str = "{n} {word}"
    """How many models of a group are in a state."""
    no_longer_declared: str = "no longer declared"
    again: str = "also a descendant: the links form a cycle"
    also: str = "also from {name}"
    also_several: tuple[str, ...] = ("", "also from another model", "also from {n} other models")
    relation: str = "relation"
    dependence: str = "class"
    children: str = "children"
    downloads: str = "downloads"
    steps: tuple[str, ...] = ("the model asked about", "1 step away", "{n} steps away")
    legend_asked: str = "the model asked about"
    legend_group: str = "several models"
    legend_gone: str = "gone: deleted or private"
    legend_absent: str = "absent: named by others, in no listing"
    legend_withdrawn: str = "a link that is no longer declared"
    legend_also: str = "a further parent"

    def word(self, word: str) -> str:
        """A relation, a class or a state, as people read it."""
        return self.words.get(word, word.replace("_", " "))

    def counted(self, forms: tuple[str, ...], n: int) -> str:
        """A number with its noun."""
        return forms[min(n, 2)].format(n=self.number(n))

    def numbers(self, tree: Tree) -> str:
        """How many models the picture is about."""
        if not (tree.ancestors or tree.descendants):
            return self.alone.format(model=tree.asked.members[0].id)
        texts = [self.counted(self.ancestors, tree.ancestors), self.counted(self.descendants, tree.descendants)]
        if tree.hidden:
            texts.append(self.counted(self.not_shown, tree.hidden))
        return ", ".join(texts)

    def head(self, row: Row) -> str:
        """What a row begins with: a name, or a number of models."""
        if not row.members:
            return self.counted(self.more, row.hidden)
        return row.members[0].id if len(row.members) == 1 else self.counted(self.models, len(row.members))

    def states(self, row: Row) -> Iterator[str]:
        """What must be said of the models of a row, briefly."""
        for state in ("gone", "absent"):
            yield from self._of_some(row, self.word(state), sum(member.status == state for member in row.members))
        gated = sum(member.gated in {"auto", "manual"} for member in row.members)
        yield from self._of_some(row, self.word("gated"), gated)
        if row.certainty == "inferred":
            yield self.word("inferred")
        if row.withdrawn:
            yield self.no_longer_declared
        if row.again:
            yield self.again
        if row.members and row.hidden:
            yield self.hidden.format(n=self.number(row.hidden))

    def _of_some(self, row: Row, word: str, n: int) -> Iterator[str]:
        if n:
            yield word if len(row.members) == 1 else self.of_group.format(n=self.number(n), word=word)

    def names(self, row: Row, letters: int) -> str:
        """The most important members of a group, in at most so many letters; nothing if there is no room for one."""
        names: list[str] = []
        found = ""
        for count, member in enumerate(row.members, 1):
            names.append(clean(member.id[:LONGEST]))
            rest = len(row.members) - count
            text = ", ".join(names) + (f" {self.others.format(n=self.number(rest))}" if rest else "")
            if display_width(text) > letters:
                break
            found = text
        return found

    def parents(self, row: Row) -> Iterator[str]:
        """The further parents of a row in words, the longest text first; a group has only their number."""
        if len(row.members) == 1 and row.also:
            yield self.also.format(name=", ".join(one.parent.id for one in row.also[:NAMED_PARENTS])) + (
                ", …" if len(row.also) > NAMED_PARENTS else ""
            )
        if row.also:
            yield self.counted(self.also_several, len({one.parent.key for one in row.also}))


# A name has no more letters, before it is cut to the room that there is.
LONGEST = 300
# A row names no more further parents.
NAMED_PARENTS = 3
ENGLISH = Labels()

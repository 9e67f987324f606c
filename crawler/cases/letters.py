"""The letters of a case: for each owner, what to write next, as plain text from templates. Nothing is sent.

A first letter where nobody has written yet, then a reminder, then an escalation: the states of an owner's models say which. Each
comes with a short form for a public page, which says nothing but a reference. Names are text: what cannot be seen, or steers what
is seen, is written as an escape, and a name never becomes a part of a template or a path.
"""

import errno
import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from crawler.answers.formats import WRITERS
from crawler.cases.form import Case, Member
from crawler.cases.gather import Step, Ways
from crawler.dossier.form import HUB
from crawler.dossier.texts import LANGUAGES, Texts, texts
from crawler.errors import HubGenealogyError
from crawler.files import create
from crawler.pictures.labels import clean
from crawler.records.forgetting import is_stand_in

__all__ = ["LANGUAGES", "Letter", "Writer", "write"]

TEMPLATES = Path(__file__).parent / "templates"
# What is written next to the owner of a model in each state; to those in other states, nothing.
KINDS: Mapping[str, str] = {"to_contact": "letter", "contacted": "reminder", "reminded": "escalation"}
INDEX = "letters.csv"
COLUMNS = ("file", "public", "owner", "kind", "models", "page")


@dataclass(frozen=True)
class Concern:
    """One repository in a letter: what it is, and why it is concerned."""

    id: str
    page: str | None
    revision: str | None
    status: str
    why: str
    meaning: str
    certainty: str | None
    withdrawn: bool
    steps: tuple[str, ...]
    """The way to what the case is about, each step a sentence with where it is said."""


@dataclass(frozen=True)
class Letter:
    """What to write to one owner, and what of it can stand on a public page."""

    name: str
    """Of its file, without the ending."""
    owner: str
    kind: str
    models: int
    page: str
    """Where the owner can be reached: the discussion page of its first listed repository, else its own page."""
    text: str
    public: str


class Writer:
    """Writes the letters of one case, in one of LANGUAGES."""

    def __init__(self, case: Case, ways: Ways, crawled: date, language: str, own: Path | None = None) -> None:
        """`crawled`: the day of the crawl that the graph stands at; `own`: a folder whose templates come first."""
        self._case, self._ways, self._texts = case, ways, texts(language)
        folders = [own, TEMPLATES / language] if own else [TEMPLATES / language]
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=False,  # plain text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        day = self._texts.day
        self._common = {
            "reference": clean(case.reference),
            "right": case.right,
            "about": case.about,
            "subject": clean(case.subject),
            "received": day(case.received),
            "due": day(case.due),
            "crawled": day(crawled),
        }

    def letters(self, members: Iterable[Member]) -> Iterator[Letter]:
        """The letters to the owners of `members`, by owner and kind. Owners who are forgotten have no address to write to."""
        groups: dict[tuple[str, str], list[Member]] = {}
        for member in members:
            owner = member.facts.owner or member.facts.id
            if member.state in KINDS and not is_stand_in(owner):
                groups.setdefault((owner, KINDS[member.state]), []).append(member)
        for (owner, kind), its in sorted(groups.items()):
            yield self._letter(
                owner, kind, sorted(its, key=lambda member: (member.facts.status != "listed", member.facts.id))
            )

    def _letter(self, owner: str, kind: str, members: list[Member]) -> Letter:
        concerns = [_concern(member, self._ways, self._texts) for member in members]
        values = self._common | {
            "kind": kind,
            "owner": clean(owner),
            "repositories": concerns,
            "since": self._texts.day(max(member.since for member in members)),
        }
        first = concerns[0]
        page = f"{first.page}/discussions" if first.page and first.status == "listed" else f"{HUB}/{_quoted(owner)}"
        name = f"{_file_name(owner)}.{kind}"
        return Letter(name, owner, kind, len(members), page, self._filled(kind, values), self._filled("public", values))

    def _filled(self, template: str, values: Mapping[str, object]) -> str:
        try:
            return self._environment.get_template(f"{template}.txt").render(values)
        except TemplateSyntaxError as error:
            where = f"line {error.lineno} of {error.name or template}"
            raise HubGenealogyError(f"the template {template}.txt cannot be used: {error.message} ({where})") from None
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise HubGenealogyError(f"the template {template}.txt cannot be used: {error}") from None


def _concern(member: Member, ways: Ways, t: Texts) -> Concern:
    facts = member.facts
    return Concern(
        id=clean(facts.id),
        page=None if facts.status == "absent" or is_stand_in(facts.id) else f"{HUB}/{_quoted(facts.id)}",
        revision=facts.revision,
        status=facts.status,
        why=_text(t, f"class.{facts.klass}.name"),
        meaning="" if facts.klass == "itself" else _text(t, f"class.{facts.klass}.meaning"),
        certainty=_text(t, f"certainty.{facts.certainty}.name") if facts.certainty else None,
        withdrawn=facts.link_status != "current",
        steps=tuple(_step(step, t) for step in ways.get(facts.key, ())),
    )


def _step(step: Step, t: Texts) -> str:
    relation = f"relation.{step.relation}.of" if t.has(f"relation.{step.relation}.of") else "relation.unknown.of"
    sources = ", ".join(_text(t, f"source.{one}") if t.has(f"source.{one}") else clean(one) for one in step.sources)
    # The name goes in last: whatever braces it has, it is no place of a text.
    return f"{clean(step.child)}, {_text(t, relation, parent=clean(step.parent))} [{sources}]"


def _text(t: Texts, key: str, **values: str) -> str:
    """A text of the dossier's catalogue without its markup."""
    return str(t(key, **values).unescape())


def _quoted(name: str) -> str:
    return quote(name, safe="/:@+,;=~!*()", errors="replace")


def _file_name(owner: str) -> str:
    """A name for the files of an owner: readable, without what a path or a shell takes for its own, and no two are the same."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", owner).strip("-")[:60]
    return f"{readable or 'owner'}-{hashlib.sha256(owner.encode(errors='replace')).hexdigest()[:8]}"


def write(found: Collection[Letter], folder: Path) -> None:
    """Write the letters and their index into `folder`, which must be new or empty: all of them or none.

    Nobody else can read them.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for letter in found:
                _write(temporary / f"{letter.name}.txt", letter.text)
                _write(temporary / f"{letter.name}.public.txt", letter.public)
            with create(temporary / INDEX, 0o600) as out:
                WRITERS["csv"](COLUMNS, map(_row, found), out)
            temporary.rename(folder)  # takes an empty folder's place, and no other
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise HubGenealogyError(
                f"{folder} is not empty: name a new folder, so that no old letter stays beside new ones"
            ) from None
        raise HubGenealogyError(f"{folder} cannot be written: {error.strerror or error}") from None


def _row(letter: Letter) -> tuple[object, ...]:
    return f"{letter.name}.txt", f"{letter.name}.public.txt", letter.owner, letter.kind, letter.models, letter.page


def _write(file: Path, text: str) -> None:
    with create(file, 0o600) as out:
        out.write(text)

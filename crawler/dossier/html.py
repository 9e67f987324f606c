"""A dossier as one page of HTML that needs no network.

The page works without its script, which only searches, sorts and unfolds. Its policy allows this one script and this one
style sheet, by their hashes, and nothing else: whatever a name contains, it runs nothing and fetches nothing. The object
of `--format json` stands at the end of the page; the line that it begins on is the only one that names the time at which
the page was made.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from crawler.dossier import groups
from crawler.dossier.check import SCRIPT, SCRIPT_END
from crawler.dossier.form import HUB, AnyReport, Limit, ModelReport
from crawler.dossier.texts import LANGUAGES, Texts, name, texts
from crawler.dossier.write import json_lines
from crawler.pictures import marks, svg
from crawler.pictures.grouping import grow
from crawler.pictures.labels import clean
from crawler.records.evidence import CERTAINTIES
from crawler.relatives.model import Relatives
from crawler.relatives.ways import CLASSES

TEMPLATES = Path(__file__).parent / "templates"
# With more relatives than this, a row has only what differs from model to model: a page of 30,000 models can be opened.
FULL = 5_000
# With more descendants than this, the object at the end has them in short: a page of 30,000 models stays below 15 MB.
WHOLE = 20_000
# A sentence names no more roots.
NAMED = 5


def write_html(report: AnyReport, family: Relatives | None, out: TextIO, language: str = LANGUAGES[0]) -> None:
    """Write the page in one of LANGUAGES; with the picture of the family, if there is one."""
    out.writelines(page(report, family, language))


def page(report: AnyReport, family: Relatives | None = None, language: str = LANGUAGES[0]) -> Iterator[str]:
    """The page, in pieces."""
    text = texts(language)
    relatives = len(report.descendants) + (len(report.ancestors) if isinstance(report, ModelReport) else 0)
    yield from (
        _environment()
        .get_template("report.html")
        .generate(
            t=text,
            report=report,
            is_model=isinstance(report, ModelReport),
            subject=report.model["id"] if isinstance(report, ModelReport) else report.dataset,
            parts=groups.parts(report.descendants),
            above=groups.groups(report.ancestors) if isinstance(report, ModelReport) else [],
            kinds={one.owner: one for one in report.owners},
            is_full=relatives <= FULL,
            sentences=list(_sentences(report, text)),
            limits=[_limit(one, text) for one in report.limits],
            restricted=[_limit(one, text) for one in report.limits if one.code == "filtered"],
            picture=_picture(report, family, text),
            sections=list(_sections(report, family, text)),
            rows=svg.ROWS,
            policy=Markup(policy()),  # noqa: S704  # made of hashes
            style=Markup(style()),  # noqa: S704  # a file of this package
            script=Markup(script()),  # noqa: S704  # likewise
            classes=CLASSES if isinstance(report, ModelReport) else ("trained_on", *CLASSES),
            certainties=CERTAINTIES,
            data=Markup(_data(report)),  # noqa: S704  # json_lines escapes markup
        )
    )


@cache
def style() -> str:
    """The style sheet of the page and its picture."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8") + marks.STYLE


@cache
def script() -> str:
    """The one script."""
    return (TEMPLATES / "report.js").read_text(encoding="utf-8")


def policy() -> str:
    """What the page may do: nothing but to use its own style sheet and its own script."""
    allowed = f"style-src {_allowed(style())}; script-src {_allowed(script())}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _allowed(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"name": name, "shown": clean, "href": href, "names": names, "gate": gate}
    return environment


def href(address: str | None) -> str | None:
    """An address of the Hub as a link may hold it; None: it is none of the Hub's."""
    if address is None or not address.startswith(f"{HUB}/"):
        return None
    return quote(address, safe="/:@+,;=~!*()", errors="replace")


def gate(gated: str | None) -> str:
    """The key of the text that says who gets access."""
    return {"false": "open", "auto": "auto", "manual": "manual"}.get(gated or "", "unknown")


def names(items: list[str] | tuple[str, ...]) -> Markup:
    """Names, separated by commas."""
    return Markup(", ").join(map(name, items))


def _sections(report: AnyReport, family: Relatives | None, t: Texts) -> Iterator[tuple[str, Markup]]:
    """The anchors of the page with their headings, in its order."""
    yield from ((key, t(f"{key}.heading")) for key in ("summary", "contacts"))
    if _has_picture(family):
        yield "figure", t("figure.heading")
    if isinstance(report, ModelReport):
        yield "ancestors", t("ancestors.heading")
        if report.beside:
            yield "beside", t("beside.heading")
        yield "descendants", t("descendants.heading")
        yield "apart", t("apart.heading")
        yield "same-dataset", t("same_dataset.heading")
        yield "look-alikes", t("look_alikes.heading")
        yield "licences", t("licences.heading")
    else:
        yield "descendants", t("descendants.heading_dataset")
        yield "apart", t("apart.heading")
        yield "naming", t("naming.heading")
    yield "limits", t("limits.heading")
    if report.evidence:
        yield "evidence", t("evidence.heading")
    yield "words", t("words.heading")


def _has_picture(family: Relatives | None) -> bool:
    return family is not None and len(family.members) > 1


def _data(report: AnyReport) -> str:
    """The object with its element; what comes before the time at which it was made is on the line of that time."""
    lines = "".join(json_lines(report, short=len(report.descendants) > WHOLE))
    before, made, after = lines.partition('"made_at"')
    return f"{SCRIPT.decode()}{before.replace(chr(10), ' ')}{made}{after}{SCRIPT_END.decode()}"


def _picture(report: AnyReport, family: Relatives | None, text: Texts) -> Markup | None:
    if family is None or not _has_picture(family):
        return None
    caption = [str(text("figure.caption", crawl=report.crawl.id).unescape())]
    drawn = svg.drawing(grow(family), caption, text.labels(), identifier="picture", styled=False)
    return Markup(drawn)  # noqa: S704  # a serialised tree, in which every name is text


def _sentences(report: AnyReport, t: Texts) -> Iterator[Markup]:
    """The five sentences of the summary."""
    summary = report.summary
    if isinstance(report, ModelReport):
        roots = [name(one) for one in summary.roots[:NAMED]]
        if len(summary.roots) > NAMED:
            roots.append(t("form.more", len(summary.roots) - NAMED))
        at_root = t.joined(roots) if roots else t("summary.no_root")
        yield t("summary.origin", summary.ancestors, model=name(report.model["id"]), roots=at_root)
    else:
        yield t("summary.naming", len(report.trained_on), dataset=name(report.dataset))
    yield t(
        "summary.descent" if isinstance(report, ModelReport) else "summary.affected",
        summary.descendants - summary.withdrawn,
        withdrawn=t("summary.withdrawn", summary.withdrawn),
        classes=t.joined(t(f"summary.classes.{one}", count) for one, count in summary.classes.items()),
        deepest=t("summary.steps", summary.deepest),
    )
    counts = {"open": summary.open, "gated": summary.gated}
    counts |= {status: summary.status.get(status, 0) for status in ("gone", "absent")}
    yield t(
        "summary.reach",
        summary.descendants - summary.withdrawn,
        downloads=summary.downloads,
        **{what: t(f"summary.{what}", count) for what, count in counts.items()},
    )
    first, second, third = (summary.turns[turn] for turn in "123")
    yield t(
        "summary.contacts",
        first=t("summary.owners_first", first),
        second=t("summary.owners", second),
        third=t("summary.owners", third),
    )
    yield _in_context(report, t)


def _in_context(report: AnyReport, t: Texts) -> Markup:
    """What is usual on the Hub; where that is not known, how much of the whole the numbers are."""
    usual = report.summary.usual
    if usual is None:
        recall = next(one.figures["recall"] for one in report.limits if one.code == "declared_lineage")
        return t("summary.declared", recall=recall)
    rank = (
        t("summary.rank", rank=usual.followed_rank, ranked=usual.followed_ranked) if usual.followed_rank else Markup("")
    )
    return t(
        "summary.usual",
        usual.families,
        size=t("summary.models", usual.size),
        families=t("summary.families", usual.families),
        size_from=usual.size_from,
        share=usual.share,
        rank=rank,
    )


def _limit(limit: Limit, t: Texts) -> Markup:
    figures: dict[str, Any] = dict(limit.figures)
    code = limit.code
    if code == "incomplete_crawl" and "complete_crawl" not in figures:
        code = "never_complete"
    if "as_of" in figures:
        figures["as_of"] = t.when(figures["as_of"])
    if "refusals" in figures:
        figures["refusals"] = t.joined(map(name, figures["refusals"]))
    return t(f"limits.{code}", figures.pop("models", None), **figures)

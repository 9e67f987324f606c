"""The page of a dossier, made of reports in memory."""

import base64
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from crawler.dossier import html
from crawler.dossier.check import SCRIPT, read_report
from crawler.dossier.form import HUB, AnyReport
from crawler.dossier.groups import parts
from crawler.dossier.texts import LANGUAGES
from crawler.dossier.write import write_json
from crawler.errors import UsageError
from crawler.pictures.labels import clean
from crawler.relatives.model import Relatives
from tests.support import reports
from tests.support.families import family
from tests.support.pages import Page, faults
from tests.support.reports import link, member

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x00",
    "a\u202eb\u200f\u2028c",
    "=1+1|cmd",
    "n" * 10_000,
    "\U0001f600/\u05d0\u05d1",
    "&lt;b&gt;",
    'x" onmouseover="alert(1)',
    "javascript:alert(1)",
    "\ud800",
]
UNSEEN = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
SECTIONS = (
    "summary",
    "contacts",
    "figure",
    "ancestors",
    "descendants",
    "apart",
    "same-dataset",
    "look-alikes",
    "licences",
    "limits",
    "evidence",
    "words",
)


def page(report: AnyReport, relatives: Relatives | None = None, language: str = "en") -> str:
    return "".join(html.page(report, relatives, language))


def small(language: str = "en") -> str:
    return page(reports.small_report(), reports.small(), language)


KINDS = ("small", "hostile", "dataset")


def alone(**properties: object) -> tuple[AnyReport, Relatives]:
    relatives = family("A/ALONE", [member("a/alone", **properties)], [])
    return reports.report(relatives), relatives


def hostile() -> Relatives:
    members = [member("a/base", license=HOSTILE[0])]
    members += [replace(member(f"h/{n}"), id=text, owner=text, license=text) for n, text in enumerate(HOSTILE)]
    links = [link(f"h/{n}", "a/base", declared_as=(text,)) for n, text in enumerate(HOSTILE)]
    links += [link("h/0", "h/7", "quantized"), link("a/base", "h/4")]
    return family("A/BASE", members, links)


def naming() -> AnyReport:
    members = [member("a/named"), member("b/below"), member("c/named", status="gone")]
    return reports.dataset_report("s/set", members, [link("b/below", "a/named", "merge")], ["A/NAMED", "C/NAMED"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_there_in_its_order_and_in_the_contents(language: str) -> None:
    found = Page(small(language))
    assert found.all("html") == [{"lang": language}]
    assert tuple(one.get("id") for one in found.all("h2")) == SECTIONS
    links = [one["href"] for one in found.all("a") if (one.get("href") or "").startswith("#")]
    assert links[: len(SECTIONS) + 1] == ["#content", *(f"#{section}" for section in SECTIONS)]
    assert {one.get("aria-labelledby") for one in found.all("section")} == set(SECTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_has_five_sentences_and_numbers(language: str) -> None:
    text = small(language)
    (sentences,) = re.findall(r'<ol class="sentences">(.*?)</ol>', text, re.DOTALL)
    assert sentences.count("<li>") == 5
    assert all(re.search(r"\d", one) for one in sentences.split("<li>")[1:])


def test_every_descendant_stands_in_one_part_with_its_way_and_the_evidence_of_each_step() -> None:
    report = reports.small_report()
    found = parts(report.descendants)
    assert {(part.name, one.id) for part in found for group in part.groups for one in group.members} == {
        ("same_weights", "c/base-gguf"),
        ("retrained", "j/deep-gguf"),
        ("retrained", "gpt2"),
        ("mixed", "f/merged"),
        ("unclear", "i/guessed"),
        ("gated", "d/adapter"),
        ("gone", "e/tuned"),
        ("absent", "g/never"),
        ("withdrawn", "h/dropped"),
    }
    assert [part.name for part in found][-4:] == ["gated", "gone", "absent", "withdrawn"]
    for part in found:
        for group in part.groups:
            for one in group.members:
                assert tuple(step.parent for step in group.steps) == one.path[1:]
                assert tuple(step.relation for step in group.steps) == one.steps
                assert tuple(step.evidence - 1 for step in group.steps) == one.evidence
                assert (group.klass, group.certainty) == (one.klass, one.certainty)
    text = Page(page(report, reports.small())).text
    way = "quantised or converted from e/tuned [2], which is fine-tuned from b/base [4]"
    assert f"trained further; declared by the author; 2 steps: {way}" in text


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("1 of 3", "Nobody else is known.")), ("fr", ("1 sur 3", "Aucun autre éditeur"))]
)
def test_a_publisher_is_listed_by_its_closest_models_and_the_others_are_counted(
    language: str, said: tuple[str, str]
) -> None:
    members = [member(name) for name in ("a/base", "o/same", "o/tuned", "o/other", "p/same")]
    links = [
        link("o/same", "a/base", "quantized"),
        link("p/same", "a/base", "quantized"),
        link("o/tuned", "a/base"),
        link("o/other", "a/base", "unknown"),
    ]
    relatives = family("A/BASE", members, links)
    text = page(reports.report(relatives), relatives, language)
    count, nobody = said
    assert f"<td>o/same<td>{count}<td>" in text
    assert "<td>p/same<td>1<td>" in text
    assert nobody in text.partition('<h3 id="turn3">')[2], "the models that are unclear have a publisher"


def test_a_listed_model_of_which_no_gate_is_known_is_not_called_open() -> None:
    (part,) = parts(
        reports.report(family("A/B", [member("a/b"), member("c/d", gated=None)], [link("c/d", "a/b")])).descendants
    )
    assert (part.name, part.is_open) == ("unknown_gate", False)


def test_the_page_holds_the_object_of_the_json_report(tmp_path: Path) -> None:
    report = reports.small_report()
    out = io.StringIO()
    write_json(report, out)
    held = Page(page(report, reports.small())).held["application/json"]
    assert json.loads(held) == json.loads(out.getvalue())
    assert not re.search(r"[<>&\u2028\u2029]", held)
    file = tmp_path / "report.html"
    file.write_text(page(report, reports.small()), encoding="utf-8")
    assert read_report(file) == msgspec.json.decode(out.getvalue(), type=AnyReport)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_pages_of_the_same_graph_differ_in_one_line(language: str) -> None:
    before, after = (
        page(reports.small_report(made_at=reports.MADE_AT + timedelta(days=days)), reports.small(), language).split(
            "\n"
        )
        for days in (0, 1)
    )
    assert len(before) == len(after)
    different = [line for line, other in zip(before, after, strict=True) if line != other]
    assert len(different) == 1
    assert '"made_at": "2026-11-28T19:30:00Z"' in different[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_allows_this_script_and_this_style_and_nothing_else(language: str) -> None:
    found = Page(small(language))
    hashes = {
        kind: base64.b64encode(hashlib.sha256(found.held[kind].encode()).digest()).decode()
        for kind in ("style", "script")
    }
    (policy,) = [one["content"] for one in found.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("text", [small(), page(reports.report(hostile()), hostile()), page(naming())], ids=KINDS)
def test_nothing_is_fetched_and_only_links_lead_to_the_hub(text: str) -> None:
    for tag, attributes in Page(text).elements:
        for attribute, value in attributes.items():
            assert attribute not in {"src", "srcset", "action", "style", "background", "xlink:href"}, (tag, attribute)
            assert not attribute.startswith("on"), (tag, attribute)
            if attribute == "href":
                assert tag == "a"
                assert (value or "").startswith(("#", "https://huggingface.co/"))
    assert not re.search(r"url\(|@import", html.style())


def test_hostile_names_stay_text() -> None:
    plain, found = Page(small()), Page(page(reports.report(hostile()), hostile()))
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in plain.elements} | {"bdi"}
    assert len(found.all("script")) == 2
    for text in HOSTILE:
        assert clean(text) in "".join(found.said)
    assert not re.search(UNSEEN, "".join(found.said))
    assert "49" not in found.text


def test_an_address_that_is_not_the_hubs_is_no_link() -> None:
    assert html.href("javascript:alert(1)") is None
    assert html.href("https://huggingface.co.evil.example/x") is None
    assert html.href('https://huggingface.co/a"b <\u202e') == "https://huggingface.co/a%22b%20%3C%E2%80%AE"


@pytest.mark.parametrize(
    ("properties", "of_record", "said"),
    [
        ({}, {}, "Status listed on the Hub"),
        ({"status": "gone"}, {"gone_at": "2026-10-01T03:00:00Z"}, "Status gone (deleted or made private)"),
        ({"status": "absent", "owner": None}, {}, "never listed; it is known only because other models name it"),
    ],
)
def test_a_model_without_relatives_is_reported_with_what_is_known(
    properties: dict[str, str], of_record: dict[str, str], said: str
) -> None:
    relatives = family("A/ALONE", [member("a/alone", **properties)], [])
    text = Page(page(reports.report(relatives, of_record=of_record), relatives)).text
    for part in (
        said.removeprefix("Status "),
        "a/alone derives from no model that the graph knows.",
        "No known model descends from it by links that are declared today.",
        "The graph knows no model that descends from it. That is no proof that there is none.",
    ):
        assert part in text


def test_former_names_and_others_who_bear_a_name_are_told() -> None:
    names = (
        {
            "id": "b/base",
            "name": "b/old",
            "current": False,
            "since": None,
            "until": "2026-09-01",
            "shared_with": ["K2"],
        },
        {"id": "b/base", "name": "b/base", "current": True, "since": "2026-09-01", "until": None, "shared_with": []},
    )
    text = Page(page(reports.small_report(names=names, asked="B/Old"), reports.small())).text
    assert "b/old (since: not known; until: 1 September 2026); also the name of K2, now or once" in re.sub(
        r"\s+", " ", text
    )
    assert "Asked for as “B/Old”." in text


def test_the_picture_of_a_french_page_is_french_to_the_last_word() -> None:
    text = Page(small("fr")).text
    assert "adaptateur, dépend des poids, constaté dans les fichiers" in text
    assert not re.search(r"declared|observed|said in|retrained|merge\b|withdrawn", text)


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        (
            "en",
            [
                "y/base-copy | one name contains the other, same licence | nothing known | 4 March 2026 | 1,234",
                "z/own | nothing known | it is not known which of the two is older | not known | ",
            ],
        ),
        (
            "fr",
            [
                "y/base-copy | l'un des noms contient l'autre, même licence | rien de connu | 4 mars 2026 | 1\u202f234",
                "z/own | rien de connu | on ne sait pas lequel des deux est le plus ancien | date inconnue | ",
            ],
        ),
    ],
)
def test_a_look_alike_stands_with_what_speaks_for_and_against_it_and_leads_to_its_page(
    language: str, rows: list[str]
) -> None:
    (table,) = re.findall(r'<table class="look-alikes">.*?</table>', small(language), re.DOTALL)
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in table.split("<tr>")[2:]]
    assert [Page(" | ".join(row)).text.replace("\u2019", "'") for row in cells] == rows
    assert [one["href"] for one in Page(table).all("a")] == [f"{HUB}/y/base-copy", f"{HUB}/z/own"]


def test_an_earlier_day_an_unfinished_crawl_and_a_refusal_are_told() -> None:
    at = reports.known(complete=False, refusals=("3 <links> were not withdrawn",))
    text = Page(page(reports.small_report(at=at, as_of="2026-11-01"), reports.small())).text
    assert "As of 1 November 2026." in text
    assert "Crawl 000007 did not see the whole listing, and none has done so yet." in text
    assert "3 <links> were not withdrawn" in text
    assert "Declared lineage covers about 68.5% of the real derivations, so these numbers are too small." in text


def test_a_data_set_has_what_names_it_and_no_ancestors() -> None:
    found = Page(page(naming()))
    headings = [one.get("id") for one in found.all("h2")]
    assert headings == ["summary", "contacts", "descendants", "apart", "naming", "limits", "evidence", "words"]
    assert "2 known models name the data set s/set or one that is made from it." in found.text
    assert "A model may have been trained on the data set without naming it." in found.text


def test_tables_have_captions_and_heads_with_scope() -> None:
    found = Page(small())
    assert len(found.all("caption")) == len(found.all("table")) > 8
    assert all("scope" in one for one in found.all("th"))
    (picture,) = found.all("svg")
    assert (picture["role"], picture["aria-labelledby"]) == ("img", "picture picture-text")
    ids = Counter(one["id"] for _, one in found.elements if "id" in one)
    assert {"picture", "picture-text", "content"} <= ids.keys()
    assert set(ids.values()) == {1}


def test_the_pages_are_valid_html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {f"small-{language}": small(language) for language in LANGUAGES}
    pages |= {f"dataset-{language}": page(naming(), None, language) for language in LANGUAGES}
    pages["alone"] = page(*alone())
    pages["hostile"] = page(reports.report(hostile()), hostile())
    monkeypatch.setattr(html, "FULL", 2)
    pages["compact"] = small()
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    assert faults(sorted(tmp_path.glob("*.html"))) == []


def test_the_checker_finds_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(small().replace("</figcaption>", "<img>"), encoding="utf-8")
    assert faults([tmp_path / "bad.html"])


def test_a_family_of_30_000_stays_below_15_megabytes_and_reads_back_whole(tmp_path: Path) -> None:
    relatives = reports.large(30_000)
    report = reports.report(relatives)
    file = tmp_path / "large.html"
    file.write_text(page(report, relatives), encoding="utf-8")
    assert len(report.descendants) == 30_000
    assert file.stat().st_size < 15_000_000
    shown = file.read_text(encoding="utf-8").partition(SCRIPT.decode())[0]
    assert {one.id for one in report.descendants if one.id not in shown} == set()
    assert read_report(file) == report


@pytest.mark.parametrize("made", [reports.small_report(), naming()], ids=["model", "data set"])
def test_descendants_in_short_read_back_as_they_were(
    made: AnyReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "whole.html").write_text(page(made), encoding="utf-8")
    monkeypatch.setattr(html, "WHOLE", 0)
    (tmp_path / "short.html").write_text(page(made), encoding="utf-8")
    whole, short = (read_report(tmp_path / f"{name}.html") for name in ("whole", "short"))
    assert (short, short.descendants) == (whole, whole.descendants)
    held = json.loads(Page(page(made)).held["application/json"])
    assert [row[1] for row in held["descendants"]] == [one.id for one in made.descendants]


@pytest.mark.parametrize("place", [-1, 99, "0", None])
def test_a_descendant_in_short_that_refers_to_nothing_is_refused(
    place: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "WHOLE", 0)
    held = json.loads(Page(small()).held["application/json"])
    held["descendants"][0][0] = place
    file = tmp_path / "damaged.html"
    file.write_text(f"{SCRIPT.decode()}{json.dumps(held)}</script>", encoding="utf-8")
    with pytest.raises(UsageError, match="is no report of hub-genealogy, or it is damaged"):
        read_report(file)

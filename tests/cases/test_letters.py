"""The letters of a case: whom they are for, what they say, and that no name becomes anything but text."""

import csv
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.cases.form import RIGHTS, Case, Facts, Member
from crawler.cases.gather import Step, Ways
from crawler.cases.letters import INDEX, KINDS, LANGUAGES, Writer, write
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from crawler.records.forgetting import Forgotten
from tests.support.graph_parts import write_crawls
from tests.support.lineage_graph import day, link, model, wipe
from tests.support.lineage_graph import write as write_graph
from tests.support.program import Program, Result

TODAY = date.today()  # noqa: DTZ011  # the day of this machine, as the program takes it
CASE = Case(1, "R-1", "erasure", "model", "B", "Maker/base", date(2026, 11, 2), 1, 0, "open")
WAYS: Ways = {
    "S": (Step("b/small", "quantized", "Maker/base", ("hub", "tag")),),
    "T": (Step("b/tuned", "finetune", "b/small", ("card",)), Step("b/small", "quantized", "Maker/base", ("hub",))),
}
CRAWLED = date(2026, 11, 28)


def member(facts: Facts, state: str = "to_contact") -> Member:
    return Member(facts, state, date(2026, 11, 5), None, None, facts.revision)


MEMBERS = [
    member(Facts("B", "Maker/base", "itself", owner="Maker", revision="b" * 40)),
    member(Facts("S", "b/small", "same_weights", "declared_by_hub", depth=1, owner="b", revision="5" * 40)),
    member(Facts("T", "b/tuned", "retrained", "declared_by_author", depth=2, owner="b", revision="7" * 40)),
    member(Facts("C", "c/one", "unclear", "inferred", owner="c", status="gone", link_status="withdrawn"), "contacted"),
    member(Facts("D", "d/two", "mixed", "said_in_text", owner="d"), "reminded"),
    member(Facts("E", "e/done", "mixed", owner="e"), "remedied"),
    member(Facts("F", "f/no", "mixed", owner="f"), "refused"),
]


def writer(language: str = "en", case: Case = CASE, ways: Ways = WAYS, own: Path | None = None) -> Writer:
    return Writer(case, ways, CRAWLED, language, own)


def test_each_owner_is_written_the_next_letter_and_who_answered_none() -> None:
    found = [(letter.owner, letter.kind, letter.models, letter.page) for letter in writer().letters(MEMBERS)]
    hub = "https://huggingface.co"
    assert found == [
        ("Maker", "letter", 1, f"{hub}/Maker/base/discussions"),
        ("b", "letter", 2, f"{hub}/b/small/discussions"),
        ("c", "reminder", 1, f"{hub}/c"),
        ("d", "escalation", 1, f"{hub}/d/two/discussions"),
    ]


def test_an_owner_who_is_forgotten_is_not_written_to() -> None:
    token = Forgotten(b"key").token("jane")
    hers = member(Facts("J", f"{token}/seven", "retrained", owner=token, depth=1))
    assert [letter.owner for letter in writer().letters([MEMBERS[0], hers])] == ["Maker"]


def test_a_letter_says_which_repositories_why_what_is_asked_by_when_and_on_which_basis() -> None:
    text = next(letter.text for letter in writer().letters(MEMBERS) if letter.owner == "b")
    for part in (
        "Subject: R-1: request concerning your repositories",
        "on 2 November 2026. It is a request for erasure (Art. 17 GDPR), and it concerns the model Maker/base.",
        "as of the crawl of 28 November 2026, these repositories of yours are concerned:",
        f"- b/small\n  https://huggingface.co/b/small\n  Revision: {'5' * 40}\n  Why: same weights. It holds the same weights,",
        "  Way: b/tuned, fine-tuned from b/small [metadata of the model card]\n",
        "       b/small, quantised or converted from Maker/base [the Hub's own record]\n",
        "  Certainty: declared by the author\n",
        "Please answer by 2 December 2026.",
        "(Art. 17(2) GDPR)",
        "(Art. 19 GDPR)",
        "give the reference R-1",
    ):
        assert part in text


def test_the_same_letter_in_french() -> None:
    text = next(letter.text for letter in writer("fr").letters(MEMBERS) if letter.owner == "b")
    for part in (
        "Objet : R-1 : demande concernant vos dépôts",
        "le 2 novembre 2026 une demande",
        "effacement (art. 17 du RGPD), qui concerne le modèle Maker/base.",
        "au relevé du 28 novembre 2026, ces dépôts qui vous appartiennent sont concernés :",
        "  Chemin : b/tuned, ajusté à partir de b/small [métadonnées de la fiche du modèle]",
        "au plus tard le 2 décembre 2026",
    ):
        assert part in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("about", ["model", "dataset"])
def test_every_text_is_whole_in_every_language_for_every_right(language: str, right: str, about: str) -> None:
    for letter in writer(language, replace(CASE, right=right, about=about)).letters(MEMBERS):
        for text in (letter.text, letter.public):
            assert "R-1" in text
            assert not re.search(r"\{|\}|None|<|\n{3}|  \n| {3}[^ \n]{1,3}\n", text), text
            assert text.endswith(".\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_form_tells_nothing_but_the_reference(language: str) -> None:
    told = [letter.public for letter in writer(language).letters(MEMBERS)]
    assert len(set(told)) == 3  # one of each kind, the same for every owner
    for text in told:
        for part in ("Maker", "erasure", "effacement", "GDPR", "RGPD", "b/", "2026", "model", "modèle"):
            assert part not in text


def test_hostile_names_stay_text_and_reach_no_other_path(tmp_path: Path) -> None:
    name = "../../{{ 7 * 7 }}{% raw %}\x1b[2J\u202e$(id)<b>"
    hostile = [member(Facts("S", f"{name}/x", "same_weights", "declared_by_hub", owner=name))]
    ways = {"S": (Step(f"{name}/x", "finetune", "{n}{0.__class__}", ("hub", "{bad}")),)}
    found = list(writer(case=replace(CASE, subject="{{ reference }}"), ways=ways).letters(hostile))
    [letter] = found
    assert "../../{{ 7 * 7 }}{% raw %}\\u001b[2J\\u202e$(id)<b>/x, fine-tuned from {n}{0.__class__}" in letter.text
    assert "the model {{ reference }}." in letter.text
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.letter", letter.name)
    write(found, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        INDEX,
        f"{letter.name}.txt",
        f"{letter.name}.public.txt",
    }


def test_owners_whose_names_look_alike_have_files_of_their_own() -> None:
    alike = [
        member(Facts(key, f"{owner}/x", "mixed", owner=owner))
        for key, owner in (("1", "a.b"), ("2", "a-b"), ("3", "A.b"))
    ]
    assert len({letter.name.lower() for letter in writer().letters(alike)}) == 3


def test_a_template_of_ones_own_comes_first_and_a_wrong_one_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "public.txt").write_text("Write to us: {{ reference }}.\n", encoding="utf-8")
    [letter] = writer(own=tmp_path).letters(MEMBERS[:1])
    assert letter.public == "Write to us: R-1.\n"
    assert "Please answer by" in letter.text
    for wrong, said in (
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "line 1 of public.txt"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
    ):
        (tmp_path / "public.txt").write_text(wrong, encoding="utf-8")
        with pytest.raises(HubGenealogyError, match=said) as caught:
            list(writer(own=tmp_path).letters(MEMBERS[:1]))
        assert "\n" not in str(caught.value)


def test_all_files_are_written_or_none_for_their_owner_only(tmp_path: Path) -> None:
    found = list(writer().letters(MEMBERS))
    folder = tmp_path / "new" / "letters"
    write(found, folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with (folder / INDEX).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["owner"], row["kind"], row["models"]) for row in rows] == [
        ("Maker", "letter", "1"),
        ("b", "letter", "2"),
        ("c", "reminder", "1"),
        ("d", "escalation", "1"),
    ]
    assert {row[name] for row in rows for name in ("file", "public")} == {path.name for path in folder.iterdir()} - {
        INDEX
    }
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(HubGenealogyError, match="is not empty: name a new folder"):
        write(found[:1], folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["letters"]
    (tmp_path / "empty").mkdir()
    write(found, tmp_path / "empty")
    assert len(list((tmp_path / "empty").iterdir())) == 9
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(HubGenealogyError, match="cannot be written"):
        write(found, tmp_path / "file")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_family_of_two_thousand_owners_takes_less_than_ten_seconds(language: str, tmp_path: Path) -> None:
    many, ways = [], {}
    for number in range(10_000):
        key, owner = str(number), f"owner{number % 2000}"
        many.append(
            member(Facts(key, f"{owner}/m{number}", "retrained", "declared_by_hub", owner=owner, revision="a" * 40))
        )
        ways[key] = (Step(f"{owner}/m{number}", "finetune", "Maker/base", ("hub", "tag")),)
    before = time.process_time()
    write(list(writer(language, ways=ways).letters(many)), tmp_path / "out")
    assert time.process_time() - before < 10
    assert len(list((tmp_path / "out").iterdir())) == 4001


Run = Callable[..., Result]


@pytest.fixture
def case(graph: Graph, connection: Connection, tmp_path: Path) -> Run:
    wipe(graph)
    write_graph(
        graph,
        [model("a/base", owner="a", revision="a1"), model("b/small", owner="b"), model("c/tuned", owner="c")],
        [link("b/small", "a/base", "quantized"), link("c/tuned", "b/small")],
    )
    write_crawls(graph, {"id": "000001", "started_at": day(1)})
    program = Program(tmp_path / "home", connection, {})

    def run(*arguments: str) -> Result:
        return program.run("case", *arguments)

    received = str(TODAY - timedelta(3))
    assert run("open", "a/base", "--right", "access", "--received", received, "--reference", "R-7").code == 0
    return run


def test_the_command_writes_what_comes_next_and_sends_nothing(case: Run, tmp_path: Path) -> None:
    assert case("set", "1", "--owner", "c", "--state", "contacted").code == 0
    done = case("letters", "1", "--language", "fr", "--to", str(tmp_path / "out"), "--remind-after", "0")
    assert (done.code, done.out) == (0, "")
    assert done.messages == [
        f"case 1: 2 letters, 1 reminder in {tmp_path / 'out'}; fill in what stands in [brackets]; nothing was sent"
    ]
    [reminder] = (tmp_path / "out").glob("*.reminder.txt")
    assert "Chemin : c/tuned, ajusté à partir de b/small [" in reminder.read_text(encoding="utf-8")


def test_an_owner_has_a_week_to_answer_before_the_next_letter(case: Run, tmp_path: Path) -> None:
    later = "were written to less than 7 days ago; --remind-after sets the days"
    assert case("set", "1", "--owner", "c", "--state", "contacted").code == 0
    done = case("letters", "1", "--to", str(tmp_path / "first"))
    assert (done.code, done.messages) == (
        0,
        [
            f"case 1: 2 letters in {tmp_path / 'first'}; fill in what stands in [brackets]; nothing was sent",
            f"case 1: the owners of 1 model {later}",
        ],
    )
    for owner in "ab":
        assert case("set", "1", "--owner", owner, "--state", "contacted").code == 0
    done = case("letters", "1", "--to", str(tmp_path / "second"))
    assert (done.code, done.messages) == (1, [f"case 1 has nobody to write to: the owners of 3 models {later}"])
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("state", KINDS)
def test_only_a_reminder_can_come_too_early(state: str) -> None:
    one = member(MEMBERS[0].facts, state)
    found = [one.written_to_within(7, one.since + timedelta(days)) for days in (0, 6, 7)]
    assert found == ([False] * 3 if state == "to_contact" else [True, True, False])


@pytest.mark.parametrize(
    ("before", "arguments", "code", "said"),
    [
        (("close", "1", "--yes"), ("1", "--to", "out"), 1, "case 1 is closed: nothing more is written to anybody"),
        (("show", "1"), ("2", "--to", "out"), 1, "there is no case 2"),
        (("show", "1"), ("1", "--to", "out", "--language", "de"), 2, "--language"),
        (("show", "1"), ("1",), 2, "--to"),
        (("show", "1"), ("1", "--to", "out", "--templates", "nowhere"), 2, "nowhere"),
    ],
    ids=["closed", "no case", "language", "no folder", "templates"],
)
def test_a_letter_that_cannot_be_written_is_one_line(
    case: Run, before: tuple[str, ...], arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert case(*before).code == 0
    done = case("letters", *arguments)
    assert (done.code, done.out, len(done.messages)) == (code, "", 1)
    assert said in done.messages[0]


def test_where_all_is_settled_nobody_is_written_to(case: Run, tmp_path: Path) -> None:
    for owner in "abc":
        assert case("set", "1", "--owner", owner, "--state", "remedied").code == 0
    done = case("letters", "1", "--to", str(tmp_path / "out"))
    assert done.code == 1
    assert done.messages == [f"case 1 has nobody to write to: no model is {' or '.join(KINDS)}"]
    assert not (tmp_path / "out").exists()


def test_the_list_of_recipients_has_every_model_with_what_was_done(case: Run) -> None:
    assert case("set", "1", "--owner", "b", "--state", "contacted", "--medium", "post").code == 0
    done = case("export", "1", "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    assert [(row["owner"], row["id"], row["class"], row["state"], row["medium"]) for row in rows] == [
        ("a", "a/base", "itself", "to_contact", ""),
        ("b", "b/small", "same_weights", "contacted", "post"),
        ("c", "c/tuned", "retrained", "to_contact", ""),
    ]
    assert [(row["since"], row["revision"], row["changed_since"]) for row in rows] == [
        (str(TODAY), "a1", "false"),
        (str(TODAY), "", ""),
        (str(TODAY), "", ""),
    ]

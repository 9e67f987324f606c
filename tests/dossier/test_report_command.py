"""`hub-genealogy report` as a user runs it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.graph.connection import Graph
from tests.support.graph_parts import write_kinds, write_owners
from tests.support.lineage_graph import LIBRARY, ask, link, model, write, write_dataset
from tests.support.program import Result


def test_it_tells_what_descends_how_surely_and_by_which_evidence(report: Callable[..., Result]) -> None:
    done = report("a/base")
    found = done.json()
    assert done.code == 0
    assert (found["about"], found["asked"], found["as_of"], found["crawl"]["id"]) == ("model", "a/base", None, "000002")
    assert list(found["model"]) == [column.name for column in LIBRARY["model"].columns]
    assert {
        (row["id"], row["key"], row["class"], row["certainty"], row["link_status"], row["status"], *row["path"])
        for row in found["descendants"]
    } == {
        ("b/small", "B/SMALL", "same_weights", "declared_by_hub", "current", "listed", "b/small", "a/base"),
        ("c/tuned", "C/TUNED", "retrained", "declared_by_author", "current", "listed", "c/tuned", "b/small", "a/base"),
        ("c/later", "C/LATER", "retrained", "declared_by_hub", "current", "gone", "c/later", "a/base"),
        ("f/dropped", "F/DROPPED", "retrained", "declared_by_hub", "withdrawn", "listed", "f/dropped", "a/base"),
    }
    (tuned,) = [row for row in found["descendants"] if row["id"] == "c/tuned"]
    assert [found["evidence"][place] for place in tuned["evidence"]] == [
        {
            "relation": "finetune",
            "certainty": "declared_by_author",
            "sources": ["tag", "card"],
            "other_spellings": ["B/small"],
            "first_seen": "2025-01-01T03:00:00Z",
            "withdrawn": False,
        },
        {
            "relation": "quantized",
            "certainty": "declared_by_hub",
            "sources": ["hub", "tag"],
            "other_spellings": [],
            "first_seen": "2025-01-01T03:00:00Z",
            "withdrawn": False,
        },
    ]


def test_it_tells_whom_to_contact_first_and_how_good_the_contact_is(report: Callable[..., Result]) -> None:
    rows = report("a/base").json()["contacts"]
    assert [(row["turn"], row["owner"], row["id"], row["models"], row["kind"], row["quality"]) for row in rows] == [
        (1, "a", "a/base", 1, "discussion", "public"),
        (1, "b", "b/small", 1, "discussion", "public"),
        (2, "c", "c/tuned", 2, "discussion", "public"),
        (2, "f", "f/dropped", 1, "discussion", "public"),
    ]
    gone = report("c/later").json()["contacts"][0]
    assert (gone["contact"], gone["kind"], gone["owner_url"]) == (None, "owner_page", "https://huggingface.co/c")


def test_it_tells_what_an_owner_is_wherever_it_says_whom_to_contact(
    reported_graph: Graph, report: Callable[..., Result]
) -> None:
    write_owners(reported_graph)
    write_kinds(reported_graph, {"b": ("organisation", True), "c": ("person", None), "f": ("organisation", False)})
    found = report("a/base").json()
    assert [(row["owner"], row["owner_kind"], row["verified"]) for row in found["contacts"]] == [
        ("a", "unknown", None), ("b", "organisation", True), ("c", "person", None), ("f", "organisation", False),
    ]  # fmt: skip
    assert found["owners"] == [
        {"owner": "b", "kind": "organisation", "verified": True},
        {"owner": "c", "kind": "person", "verified": None},
        {"owner": "f", "kind": "organisation", "verified": False},
    ]
    rows = csv.DictReader(io.StringIO(report("b/small", "--format", "csv").out))
    assert [(row["id"], row["owner"], row["owner_kind"], row["verified"]) for row in rows] == [
        ("c/tuned", "c", "person", ""),
    ]  # fmt: skip
    page = report("a/base", "--format", "html").out
    assert "<td>organisation; verified by the Hub<td>" in page, "among those to contact"
    assert "<td>b; organisation; verified by the Hub<td>" in page, "beside a descendant"
    french = report("a/base", "--format", "html", "--language", "fr").out
    assert "vérifiée par le Hub<td>" in french
    assert "<td>inconnue<td>" in french


def test_it_tells_who_runs_the_model_and_its_relatives(reported_graph: Graph, report: Callable[..., Result]) -> None:
    write(reported_graph, [model("g/other", owner="g", providers=["novita"])], [link("g/other", "a/base", "quantized")])
    with reported_graph.session() as session:
        session.run(
            "UNWIND $rows AS row MATCH (m:Model {id: row[0]}) SET m.providers = row[1]",
            rows=[["a/base", ["together"]], ["b/small", ["novita"]], ["c/tuned", ["novita", "together"]],
                  ["c/later", ["novita"]], ["f/dropped", ["novita"]]],
        ).consume()  # fmt: skip
    columns = ("provider", "direction", "class", "certainty", "link_status", "depth", "models")
    assert [tuple(row[name] for name in columns) for row in report("a/base").json()["deployers"]] == [
        ("together", "self", "itself", None, "current", 0, ["a/base"]),
        ("novita", "downstream", "same_weights", "declared_by_hub", "current", 1, ["b/small", "g/other", "c/tuned"]),
        ("together", "downstream", "retrained", "declared_by_author", "current", 2, ["c/tuned"]),
        ("novita", "downstream", "retrained", "declared_by_hub", "withdrawn", 1, ["f/dropped"]),
    ]
    assert [(row["direction"], row["models"]) for row in report("b/small").json()["deployers"]] == [
        ("self", ["b/small"]), ("upstream", ["a/base"]), ("beside", ["g/other"]), ("downstream", ["c/tuned"]),
        ("downstream", ["c/tuned"]),
    ]  # fmt: skip
    kept = report("a/base", "--along", "quantized").json()["deployers"]
    assert [(row["direction"], row["models"]) for row in kept] == [
        ("self", ["a/base"]),
        ("downstream", ["b/small", "g/other"]),
    ]
    rows = csv.DictReader(io.StringIO(report("a/base", "--format", "csv").out))
    assert {row["id"]: row["providers"] for row in rows} == {
        "b/small": "novita", "g/other": "novita", "c/tuned": "novita; together", "c/later": "", "f/dropped": "novita",
    }  # fmt: skip
    page = report("a/base", "--format", "html").out
    assert '<th scope="row">together<td>the model itself<td>1<td>a/base' in page
    assert "No inference provider is listed." in report("e/alone", "--format", "html").out
    write_dataset(reported_graph, "some/set", ["B/SMALL"])
    of_set = report("--dataset", "some/set").json()["deployers"]
    assert [(row["provider"], row["class"], row["models"]) for row in of_set] == [
        ("novita", "trained_on", ["b/small", "c/tuned"]), ("together", "retrained", ["c/tuned"]),
    ]  # fmt: skip


def test_a_copy_is_told_of_the_other_copies_of_its_original(
    reported_graph: Graph, report: Callable[..., Result]
) -> None:
    write(reported_graph, [model("g/other", owner="g")], [link("g/other", "a/base", "quantized")])
    found = report("b/small").json()
    assert [(row["id"], row["distance"]) for row in found["beside"]] == [("g/other", 2)]
    assert [(row["turn"], row["direction"], row["owner"]) for row in found["contacts"]] == [
        (1, "self", "b"),
        (1, "upstream", "a"),
        (1, "beside", "g"),
        (2, "downstream", "c"),
    ]


def test_filters_restrict_it_and_it_says_what_they_leave_out(report: Callable[..., Result], tmp_path: Path) -> None:
    done = report("a/base", "--kind", "finetune", "--status", "gone,absent")
    found = done.json()
    assert [row["id"] for row in found["descendants"]] == ["c/later"]
    assert [row["id"] for row in found["contacts"]] == ["a/base", "c/later"]
    assert found["filters"] == {"kind": ["finetune"], "along": [], "status": ["gone", "absent"]}
    said = "restricted to kind=finetune, status=gone,absent: 3 relatives are left out"
    assert said in done.messages
    nothing = report("a/base", "--along", "merge")
    assert nothing.json()["descendants"] == []
    assert "restricted to along=merge: 4 relatives are left out" in nothing.messages
    page = report("a/base", "--format", "html", "--status", "gone").out
    assert "This dossier is restricted to status=gone: 3 relatives are left out." in page
    file = tmp_path / "restricted.json"
    assert report("a/base", "--status", "gone", "--to", str(file)).code == 0
    assert report("--check", str(file)).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kind", "fine"], "--kind takes some of copy, finetune, adapter, quantized, merge, unknown, not 'fine'"),
        (["--status", "deleted"], "--status takes some of listed, gone, absent, not 'deleted'"),
        (["--kind", "merge", "--along", "adapter"], "along=adapter leaves out kind=merge, so no path can match"),
        (["--status", "gone", "--dataset", "x"], "name a model, or --dataset ID, or --check FILE: one of them"),
    ],
)
def test_a_wrong_filter_is_one_line(report: Callable[..., Result], options: list[str], said: str) -> None:
    refused = report("a/base", *options)
    assert (refused.code, refused.out, len(refused.messages)) == (2, "", 1)
    assert refused.messages[0].startswith(said)


def test_a_report_of_a_data_set_is_restricted_too(reported_graph: Graph, report: Callable[..., Result]) -> None:
    write_dataset(reported_graph, "Some/Set", ["A/BASE"])
    found = report("--dataset", "Some/Set", "--kind", "quantized").json()
    assert [row["id"] for row in found["descendants"]] == ["b/small"]
    assert [row["id"] for row in found["trained_on"]] == ["a/base"]
    assert {"code": "filtered", "figures": {"filters": "kind=quantized", "models": 4}} in found["limits"]


def test_numbers_and_limits_say_what_is_left_open(report: Callable[..., Result]) -> None:
    found = report("a/base").json()
    numbers = found["summary"]
    assert (numbers["descendants"], numbers["withdrawn"], numbers["classes"], numbers["status"]) == (
        4,
        1,
        {"same_weights": 1, "retrained": 2},
        {"listed": 2, "gone": 1},
    )
    assert (numbers["open"], numbers["owners"], numbers["downloads"], numbers["turns"]) == (
        2,
        2,
        12,
        {"1": 2, "2": 2, "3": 0},
    )
    limits = {limit["code"]: limit["figures"] for limit in found["limits"]}
    assert limits["declared_lineage"]["recall"] == 0.685
    assert (limits["gone"], limits["withdrawn"]) == ({"models": 1}, {"models": 1})
    always = {"declared_lineage", "private_models", "copies_elsewhere"}
    assert limits.keys() == always | {"look_alikes_not_comparable", "gone", "withdrawn"}
    assert "safe" not in json.dumps(found).lower().replace("safetensors", "")


def test_a_crawl_that_was_refused_a_part_or_saw_a_part_is_a_limit(
    reported_graph: Graph, report: Callable[..., Result]
) -> None:
    with reported_graph.session() as session:
        session.run(
            "MATCH (c:Crawl {id: '000002'}) SET c.complete = false, c.refusals = ['3 models not retired']"
        ).consume()
    limits = {limit["code"]: limit["figures"] for limit in report("a/base").json()["limits"]}
    assert limits["refused"] == {"crawl": "000002", "refusals": ["3 models not retired"]}
    assert limits["incomplete_crawl"] == {"crawl": "000002", "complete_crawl": "000001"}


@pytest.mark.parametrize(
    ("asked", "meant", "status", "descendants", "said"),
    [
        ("old/base", "a/base", "listed", 4, "old/base is now called a/base"),
        ("A/Base", "a/base", "listed", 4, "A/Base: taken as a/base"),
        ("https://huggingface.co/a/base", "a/base", "listed", 4, "taken as a/base"),
        ("d/never", "d/never", "absent", 0, "d/never is absent: named by others, but in no listing so far"),
        ("c/later", "c/later", "gone", 0, "c/later is gone: deleted or private now"),
        ("e/alone", "e/alone", "listed", 0, "another model bore the name e/alone too: c/tuned, listed"),
    ],
)
def test_a_name_of_any_standing_has_a_report_that_tells_what_is_known(
    report: Callable[..., Result], asked: str, *, meant: str, status: str, descendants: int, said: str
) -> None:
    done = report(asked)
    found = done.json()
    assert (done.code, found["asked"], found["model"]["id"], found["model"]["status"]) == (0, asked, meant, status)
    assert found["summary"]["descendants"] == descendants
    assert said in done.err


def test_a_name_that_was_used_twice_names_the_other_bearer(report: Callable[..., Result]) -> None:
    names = report("e/alone").json()["names"]
    assert [(row["name"], row["shared_with"]) for row in names] == [("e/alone", ["C/TUNED"])]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a/bass"], 1, "no model is known as 'a/bass'; nearest: a/base"),
        (["--dataset", "no/set"], 1, "no data set is known as 'no/set'"),
        ([], 2, "name a model, or --dataset ID, or --check FILE"),
        (["a/base", "--dataset", "x"], 2, "one of them"),
        (["a/base", "--as-of", "soon"], 2, "--as-of takes a day or a time such as 2025-03-01"),
        (["a/base", "--as-of", "2024-01-01"], 1, "as_of=2024-01-01 is before the first crawl"),
        (["a/base", "--format", "table"], 2, "--format is html or json or csv here, not table"),
        (["--check", "x", "--as-of", "2025-01-02"], 2, "leave out --as-of"),
        (["--check", "nowhere.json"], 2, "nowhere.json cannot be read: No such file or directory"),
        (["a/base", "--to", "no/folder/report.json"], 1, "no/folder/report.json cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    report: Callable[..., Result], arguments: list[str], code: int, said: str
) -> None:
    done = report(*arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err.splitlines()[-1]


def test_an_earlier_day_has_the_relatives_and_statuses_of_that_day(report: Callable[..., Result]) -> None:
    found = report("a/base", "--as-of", "2025-01-04").json()
    rows = {(row["id"], row["link_status"], row["status"]) for row in found["descendants"]}
    assert rows == {(name, "current", "listed") for name in ("b/small", "c/tuned", "c/later", "f/dropped")}
    assert (found["as_of"], found["summary"]["usual"]) == ("2025-01-04", None)
    assert {"code": "other_properties_of_today", "figures": {"as_of": "2025-01-04"}} in found["limits"]


def test_a_data_set_is_reported_with_the_models_that_name_it(
    reported_graph: Graph, report: Callable[..., Result]
) -> None:
    write_dataset(reported_graph, "Some/Set", ["A/BASE", "E/ALONE"])
    found = report("--dataset", "some/set").json()
    assert (found["about"], found["dataset"], found["summary"]["classes"]) == (
        "dataset",
        "Some/Set",
        {"trained_on": 2, "same_weights": 1, "retrained": 2},
    )
    assert [(row["id"], row["sources"]) for row in found["trained_on"]] == [("a/base", ["card"]), ("e/alone", ["card"])]
    shared = report("e/alone").json()["same_dataset"]
    assert [(one["dataset"], one["models"], [row["id"] for row in one["first"]]) for one in shared] == [
        ("Some/Set", 1, ["a/base"])
    ]


def test_csv_has_a_row_for_each_descendant(report: Callable[..., Result]) -> None:
    rows = list(csv.DictReader(io.StringIO(report("a/base", "--format", "csv").out)))
    found = report("a/base").json()["descendants"]
    assert [(row["id"], row["class"], row["depth"], row["path"]) for row in rows] == [
        (row["id"], row["class"], str(row["depth"]), "; ".join(row["path"])) for row in found
    ]
    pages = {row["id"]: row["contact"] for row in rows}
    assert (pages["b/small"], pages["c/later"]) == ("https://huggingface.co/b/small/discussions", "")


def test_hostile_names_stay_data(reported_graph: Graph, report: Callable[..., Result]) -> None:
    hostile = ["</script><img src=x>", "\x1b[31mred", "{{ 7 * 7 }}", "a\u202eb\u2028c", "n" * 5_000]
    write(
        reported_graph,
        [model(f"h/{n}", key=f"H/{n}", owner=name) | {"id": name} for n, name in enumerate(hostile)],
        [link(f"h/{n}", "a/base") for n in range(len(hostile))],
    )
    out = report("a/base").out
    assert out.isascii()
    assert not {"<", ">", "\x1b"} & set(out)
    found = json.loads(out)
    assert set(hostile) <= {row["id"] for row in found["descendants"]}
    assert set(hostile) <= {row["owner"] for row in found["contacts"]}


def test_no_cell_of_csv_is_one_that_a_spreadsheet_runs(reported_graph: Graph, report: Callable[..., Result]) -> None:
    formulas = ["=1+1|cmd", "+1", "-1", "@SUM(A1)", "\uff1d1+1", "\t=1", '=HYPERLINK("http://x";"y")', "a,b\n=1"]
    write(
        reported_graph,
        [model(f"h/{n}", key=f"H/{n}", owner=name) | {"id": name} for n, name in enumerate(formulas)],
        [link(f"h/{n}", "a/base") for n in range(len(formulas))],
    )
    rows = list(csv.reader(io.StringIO(report("a/base", "--format", "csv").out, newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\uff1d", "\t", "\n"))]
    assert {row[0].removeprefix("'") for row in rows} >= set(formulas)


def test_a_file_is_written_whole_and_stdout_stays_empty(report: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    done = report("a/base", "--to", str(file))
    assert (done.code, done.out) == (0, "")
    assert json.loads(file.read_text())["model"]["id"] == "a/base"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.json"]


def test_nothing_is_written_through_a_symbolic_link(report: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "elsewhere")
    done = report("a/base", "--to", str(tmp_path / "link.json"))
    assert (done.code, done.out) == (1, "")
    assert "link.json cannot be written: it is a symbolic link" in done.err
    assert not (tmp_path / "elsewhere").exists()


def test_the_rank_among_the_most_followed_is_that_of_the_saved_query(
    reported_graph: Graph, report: Callable[..., Result]
) -> None:
    with reported_graph.session() as session:
        session.run(
            "MATCH (c:Crawl {id: '000002'}) SET c.family_size_profile = [5, 3, 1, 1], c.families = 10, c.largest_family = 9 "
            "WITH c MATCH (a:Model {key: 'A/BASE'}) UNWIND [3, 8] AS size "
            "CREATE (:Family {key: 'followed:' + size, kind: 'followed', size: size, depth: 2})-[:HEADED_BY]->(a)"
        ).consume()
    # On a cycle: b/small is an ancestor, too, and counts once.
    write(reported_graph, [], [link("a/base", "b/small")])
    assert report("a/base").json()["summary"]["usual"] == {
        "size": 4,
        "size_from": 4,
        "families": 2,
        "share": 0.2,
        "followed_rank": 2,
        "followed_ranked": len(ask(reported_graph, "most_followed")),
    }

"""Which owner, data set or licence a user's text means, on a real Neo4j."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.answers.resolve import KINDS, resolve
from crawler.answers.run import read_session
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from tests.support.graph_parts import write_crawls, write_licenses, write_owners
from tests.support.lineage_graph import model, opened, write, write_dataset, write_former_name
from tests.support.program import Program

HUB = "https://huggingface.co"


@pytest.fixture(scope="module")
def graph(connection: Connection) -> Iterator[Graph]:
    names = ["google/one", "mistralai/one", "Case/one", "case/two", "CASE/three", "new-home/kept", "here/a", "there/b"]
    with opened(connection) as graph:
        write(graph, [model(name, owner=name.split("/")[0]) for name in names])
        write_owners(graph)
        for former, key in [("old-home/kept", "NEW-HOME/KEPT"), ("split/a", "HERE/A"), ("split/b", "THERE/B")]:
            write_former_name(graph, former, key)
        for name in ["HuggingFaceH4/ultrachat_200k", "squad", "glue", "nyu-mll/glue", "a/twin", "b/twin"]:
            write_dataset(graph, name, ["GOOGLE/ONE"])
        write_licenses(graph, {"GOOGLE/ONE": ["apache-2.0", "mit", "gpl-3.0"]})
        write_crawls(graph, {"id": "20250101T030000Z"})
        yield graph


def found(graph: Graph, kind: str, text: str) -> str:
    with read_session(graph) as session:
        return resolve(session, text, HUB, KINDS[kind]).id


@pytest.mark.parametrize(
    ("kind", "text", "name", "said"),
    [
        ("owner", "google", "google", None),
        ("owner", "Google", "google", "Google: taken as google"),
        ("owner", f"{HUB}/google", "google", f"{HUB}/google: taken as google"),
        ("owner", f"{HUB}/Google/one/tree/main", "google", f"{HUB}/Google/one/tree/main: taken as google"),
        ("owner", "Case", "Case", None),
        (
            "owner",
            "Old-Home",
            "new-home",
            "old-home has no models any more: all of them now belong to new-home",
        ),
        ("dataset", "HuggingFaceH4/ultrachat_200k", "HuggingFaceH4/ultrachat_200k", None),
        ("dataset", "huggingfaceh4/UltraChat_200k", "HuggingFaceH4/ultrachat_200k", "taken as HuggingFaceH4/ultrachat"),
        ("dataset", "ultrachat_200k", "HuggingFaceH4/ultrachat_200k", "ultrachat_200k: taken as HuggingFaceH4/ultra"),
        ("dataset", f"{HUB}/datasets/HuggingFaceH4/ultrachat_200k", "HuggingFaceH4/ultrachat_200k", "taken as Hugg"),
        ("dataset", "squad", "squad", None),
        ("dataset", "rajpurkar/squad", "squad", "rajpurkar/squad: taken as squad, which is named without an owner"),
        ("dataset", "glue", "glue", "there is also nyu-mll/glue, which may be the same data set as glue: ask about"),
        ("dataset", "nyu-mll/glue", "nyu-mll/glue", "there is also glue, which may be the same data set"),
        ("license", "mit", "mit", None),
        ("license", "Apache-2.0", "apache-2.0", "Apache-2.0: taken as apache-2.0"),
        ("license", "Apache 2.0", "apache-2.0", "Apache 2.0: taken as apache-2.0"),
        ("license", "apache license 2.0", "apache-2.0", "apache license 2.0: taken as apache-2.0"),
        ("license", "GPL-3.0-only", "gpl-3.0", "GPL-3.0-only: taken as gpl-3.0"),
    ],
)
def test_it_is_found_by_what_people_type(  # noqa: PLR0917  # one parameter for each part of a case
    graph: Graph, caplog: pytest.LogCaptureFixture, kind: str, text: str, name: str, said: str | None
) -> None:
    with caplog.at_level(logging.INFO, "crawler"):
        assert found(graph, kind, text) == name
    assert len(caplog.messages) == (0 if said is None else 1)
    assert all(said is not None and said in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("owner", "googel", "no owner is known as 'googel'; nearest: google"),
        ("owner", "mistral", "nearest: mistralai"),
        ("owner", "cASE", "no owner is spelt 'cASE', but several are in another case: CASE, Case, case"),
        ("owner", "split", "no owner is known as 'split'"),  # one model went here, the other there
        ("owner", f"{HUB}/spaces/google/app", "is not the address of an owner"),
        ("owner", "", "no owner is known as '', and none has a name like it"),
        ("dataset", "ultrachat", "no data set is known as 'ultrachat'; nearest: HuggingFaceH4/ultrachat_200k"),
        ("dataset", "HuggingFace/ultrachat200k", "nearest: HuggingFaceH4/ultrachat_200k"),
        ("dataset", "twin", "no data set is known as 'twin'; nearest: a/twin, b/twin"),
        ("dataset", "other/glue", "no data set is known as 'other/glue'; nearest: glue, nyu-mll/glue"),
        ("dataset", f"{HUB}/google/one", "is not the address of a data set"),
        ("dataset", "x" * 5000, "no data set is known as"),
        ("license", "apache", "no licence is known as 'apache'; nearest: apache-2.0"),
        ("license", "$x' OR 1=1 //", "no licence is known as"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest(graph: Graph, kind: str, text: str, message: str) -> None:
    with pytest.raises(HubGenealogyError) as caught:
        found(graph, kind, text)
    assert message in str(caught.value)
    assert (caught.value.exit_code, "\n" in str(caught.value)) == (1, False)


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    ("query", "known", "unknown"),
    [
        ("dataset_impact", "dataset=rajpurkar/squad", "dataset=no/such"),
        ("openness", "owner=Google", "owner=gogle"),
        ("mutations", "license=Apache-2.0", "license=apache"),
    ],
)
def test_no_query_answers_for_a_name_that_it_does_not_know(
    connection: Connection, tmp_path: Path, query: str, known: str, unknown: str
) -> None:
    program = Program(tmp_path, connection, {})
    answered = program.run("query", query, "-p", known, "--format", "json")
    assert answered.code == 0
    assert f"{known.split('=')[1]}: taken as" in answered.messages[0]
    refused = program.run("query", query, "-p", unknown)
    (message,) = refused.messages
    assert (refused.code, refused.out) == (1, "")
    assert message.startswith("no ")

"""Which model a user's text means, on a real Neo4j."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import names
from crawler.answers.resolve import resolve as resolved
from crawler.answers.run import read_session
from crawler.errors import HubGenealogyError
from crawler.graph.connection import Connection, Graph
from tests.support.lineage_graph import day, link, model, opened, write, write_former_name

HUB = "https://huggingface.co"


@pytest.fixture(scope="module")
def graph(connection: Connection) -> Iterator[Graph]:
    with opened(connection) as graph:
        write(
            graph,
            [
                model("mistralai/Mistral-7B-v0.1"),
                model("mistralai/Mistral-7B-Instruct-v0.2"),
                model("google/gemma-2b"),
                model("openai-community/gpt2"),
                model("someone/unique-name"),
                model("one/twin"),
                model("two/twin"),
                model("Case/Only"),
                model("case/two", key="LOW"),
                model("Case/TWO", key="HIGH"),
                model("re/used", key="new"),
                model("re/used", key="old", status="gone", gone_at=day(3)),
                model("moved/away"),
                model("was/there", key="there", status="gone", gone_at=day(4)),
                model("lost/soul", status="gone", gone_at=day(3)),
                {"key": "absent:no/where", "id": "No/where", "status": "absent", "first_seen": day(1)},
                model("odd/AND-OR_not+(x)"),
            ],
            [link("google/gemma-2b", "mistralai/Mistral-7B-v0.1")],
        )
        write_former_name(graph, "gpt2", "OPENAI-COMMUNITY/GPT2")
        write_former_name(graph, "was/there", "MOVED/AWAY")
        yield graph


def resolve(graph: Graph, text: str, endpoint: str = HUB) -> str:
    with read_session(graph) as session:
        return resolved(session, text, endpoint).key


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("google/gemma-2b", "GOOGLE/GEMMA-2B", None),
        ("GOOGLE/GEMMA-2B", "GOOGLE/GEMMA-2B", "GOOGLE/GEMMA-2B: taken as google/gemma-2b"),  # its key
        ("Google/Gemma-2B", "GOOGLE/GEMMA-2B", "Google/Gemma-2B: taken as google/gemma-2b"),
        ("gpt2", "OPENAI-COMMUNITY/GPT2", "gpt2 is now called openai-community/gpt2"),
        ("GPT2", "OPENAI-COMMUNITY/GPT2", "gpt2 is now called openai-community/gpt2"),
        ("unique-name", "SOMEONE/UNIQUE-NAME", "unique-name: taken as someone/unique-name"),
        ("case/only", "CASE/ONLY", "case/only: taken as Case/Only"),
        ("Case/TWO", "HIGH", None),
        (
            "re/used",
            "new",
            "another model bore the name re/used too: re/used, gone; to ask about that one, give its key old",
        ),
        ("old", "old", "old: taken as re/used"),
        ("old", "old", "re/used is gone: deleted or private now"),
        ("was/there", "MOVED/AWAY", "was/there is now called moved/away"),
        (
            "was/there",
            "MOVED/AWAY",
            ("another model bore the name was/there too: was/there, gone; to ask about that one, give its key there"),
        ),
        ("lost/soul", "LOST/SOUL", "lost/soul is gone: deleted or private now"),
        ("No/where", "absent:no/where", "No/where is absent: named by others, but in no listing so far"),
        (
            f"{HUB}/google/gemma-2b/tree/main",
            "GOOGLE/GEMMA-2B",
            f"{HUB}/google/gemma-2b/tree/main: taken as google/gemma-2b",
        ),
    ],
)
def test_a_model_is_found_by_what_people_type(
    graph: Graph,
    caplog: pytest.LogCaptureFixture,
    text: str,
    key: str,
    said: str | None,
) -> None:
    with caplog.at_level(logging.INFO, "crawler"):
        assert resolve(graph, text) == key
    assert (caplog.messages == []) if said is None else (said in caplog.messages)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mistralai/Mistral-7B-v01", "nearest: mistralai/Mistral-7B-v0.1"),
        ("mistral/Mistral7B-v0.1", "nearest: mistralai/Mistral-7B-v0.1"),
        ("Mistral-7B-Instruct-v02", "nearest: mistralai/Mistral-7B-Instruct-v0.2"),
        ("googel/gema-2b", "nearest: google/gemma-2b"),
        ("twin", "nearest: one/twin, two/twin"),
        ("CASE/two", "several are in another case: Case/TWO, case/two"),
        ("zzzz/qqqq", "and none has a name like it"),
        ("lost/so", "nearest: lost/soul"),
        ('odd/AND-OR_not+(x"', "nearest: odd/AND-OR_not+(x)"),
        ("https://huggingface.co/datasets/x/y", "is not the address of a model"),
        ("x" * 5000, "no model is known as"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(graph: Graph, text: str, message: str) -> None:
    with pytest.raises(HubGenealogyError) as caught:
        resolve(graph, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    "text",
    ["AND OR NOT", "a* OR *:*", '"', "a~b^c", "(((", "\\", "id:x", "[a TO b]", "~", "/re/", "\x00", "é"],
)
def test_no_text_is_an_operator_of_the_index(graph: Graph, text: str) -> None:
    with pytest.raises(HubGenealogyError, match="no model is known as"):
        resolve(graph, text)


def test_without_the_full_text_index_names_that_start_alike_are_offered(connection: Connection) -> None:
    with opened(connection) as graph:
        write(graph, [model("mistralai/Mistral-7B-v0.1")])
        with graph.session() as session:
            session.run("DROP INDEX model_names").consume()
        with pytest.raises(HubGenealogyError, match=r"nearest: mistralai/Mistral-7B-v0\.1"):
            resolve(graph, "mistralai/Mistral-7B")


@given(st.text(max_size=60))
def test_the_words_of_a_name_hold_no_operator(text: str) -> None:
    for word in names.words(text):
        assert word == word.lower()
        assert not set(word) & set('+-&|!(){}[]^"~*?:\\/ ')

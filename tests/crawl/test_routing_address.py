"""A crawl and its answers through a routing address, `neo4j://`: the way to a cluster or a managed service."""

from dataclasses import replace

from tests.support.program import Program


def test_a_crawl_through_a_routing_address_leaves_the_same_graph_and_gives_the_same_answers(program: Program) -> None:
    assert program.connection is not None
    direct = program.connection
    assert direct.uri.startswith("bolt://")
    routing = replace(program, connection=replace(direct, uri=direct.uri.replace("bolt://", "neo4j://")))

    assert routing.crawl()["rows_written"] > 0
    assert routing.crawl()["rows_written"] == 0

    question = ("query", "descendants", "--model", "mistralai/Mistral-7B-v0.1", "--format", "json")
    found = routing.run(*question)
    assert found.code == 0, found.err
    assert found.json()
    assert found.json() == program.run(*question).json()
    assert routing.run("graph", "hash").out == program.run("graph", "hash").out

    through_routing = routing.run("graph", "hash").out
    assert routing.run("rebuild").code == 0
    assert routing.run("graph", "hash").out == through_routing

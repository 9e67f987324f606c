"""Without a setting, the memory of the local server follows the machine and the size of the graph."""

from pathlib import Path

import pytest

from crawler import machine
from crawler.local.memory import Memory

GIBIBYTE = 1 << 30


@pytest.mark.parametrize(
    ("machine_has", "graph", "expected"),
    [
        pytest.param(24, 0, ("1024m", "512m"), id="an empty graph needs little, whatever the machine has"),
        pytest.param(24, 4, ("3072m", "4915m"), id="the whole Hub"),
        pytest.param(8, 4, ("2048m", "2048m"), id="no more than a quarter of the machine"),
        pytest.param(2, 0, ("512m", "512m"), id="a small machine"),
    ],
)
def test_the_memory_suits_the_graph_as_far_as_the_machine_has_it(
    machine_has: int, graph: int, expected: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "memory", lambda: machine_has * GIBIBYTE)
    store = tmp_path / "data" / "databases" / "neo4j" / "neostore"
    store.parent.mkdir(parents=True)
    with store.open("wb") as file:
        file.truncate(graph * GIBIBYTE)
    memory = Memory(tmp_path)
    assert (memory.heap, memory.page_cache) == expected


def test_what_is_set_is_taken(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "700m", "90g")
    assert (memory.heap, memory.page_cache) == ("700m", "90g")

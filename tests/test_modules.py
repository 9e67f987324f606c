from graphlib import TopologicalSorter

import pytest

from tests.support.modules import module_imports, reached, room_imports

# What asks for the network, by the name that is imported.
NETWORK = {"http", "httpx2", "huggingface_hub", "neo4j", "requests", "socket", "urllib3"}


def test_no_rooms_of_the_program_import_each_other_in_a_circle() -> None:
    TopologicalSorter(room_imports()).prepare()  # a circle is a CycleError, which names its rooms


@pytest.mark.parametrize("room", ["records", "snapshot", "changes"])
def test_what_makes_a_change_set_of_an_archive_cannot_reach_the_network(room: str) -> None:
    imports = module_imports()
    members = [module for module in imports if module.startswith(f"crawler.{room}.")]
    assert members
    found = {name for member in members for name in reached(member, imports)}
    assert {name for name in found if name == "urllib.request" or name.partition(".")[0] in NETWORK} == set()

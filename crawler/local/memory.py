"""How much memory the local server gets: what is set, else what suits the machine and the size of the graph."""

from dataclasses import dataclass
from pathlib import Path

from crawler import machine
from crawler.files import size_of

MEBIBYTE = 1 << 20
# Of an empty graph. With less heap, Neo4j itself does not run well.
LEAST_HEAP, LEAST_PAGE_CACHE = 1024 * MEBIBYTE, 512 * MEBIBYTE
# Neither takes more of the machine than this, so that the crawl and the system have the other half.
SHARE = 4


@dataclass(frozen=True)
class Memory:
    """The memory of the server in `folder`, in Java's words. None: as the machine and the graph allow when it starts."""

    folder: Path
    set_heap: str | None = None
    set_page_cache: str | None = None

    @property
    def heap(self) -> str:
        """A search needs heap for every model that it reaches: half of the graph, and a gibibyte for Neo4j itself."""
        return self.set_heap or _bounded(LEAST_HEAP + self._graph() // 2, LEAST_HEAP)

    @property
    def page_cache(self) -> str:
        """The whole graph, and a fifth more to grow."""
        return self.set_page_cache or _bounded(self._graph() * 6 // 5, LEAST_PAGE_CACHE)

    def _graph(self) -> int:
        """The bytes of the graph on the disk, its indexes included."""
        return size_of(self.folder / "data" / "databases" / "neo4j")


def _bounded(wanted: int, least: int) -> str:
    """At least `least`, and more where the machine has it; on a small machine, a share of what there is."""
    most = machine.memory() // SHARE
    return f"{min(max(wanted, least), most) // MEBIBYTE}m"

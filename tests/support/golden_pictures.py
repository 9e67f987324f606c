"""The golden pictures: what `tree` draws of the sample graph, looked at before it was committed.

`python -m tests.support.golden_pictures` draws them anew. Then look at them: what is wrong in them stays wrong until
somebody sees it. The sample with its changes is that of `tests.support.golden`.
"""

import sys
import tempfile
from pathlib import Path

from crawler import settings
from crawler.graph.connection import Connection
from tests.support.golden import sample_graph
from tests.support.neo4j_for_tests import neo4j_for_tests
from tests.support.program import Program

REPOSITORY = Path(__file__).parents[2]
_GOLDEN = "tests/pictures/golden"
_MERGE = "mlabonne/Beagle14-7B"

# Each picture with the arguments of `tree` that draw it.
PICTURES = {
    "docs/pictures/tree.svg": (_MERGE, "--format", "svg"),
    f"{_GOLDEN}/merge.txt": (_MERGE,),
    f"{_GOLDEN}/merge.dot": (_MERGE, "--format", "dot"),
    f"{_GOLDEN}/merge.mermaid": (_MERGE, "--format", "mermaid"),
    f"{_GOLDEN}/base.txt": ("mistralai/Mistral-7B-v0.1", "--include-withdrawn"),
    f"{_GOLDEN}/base.svg": ("mistralai/Mistral-7B-v0.1", "--include-withdrawn", "--format", "svg"),
    f"{_GOLDEN}/current.txt": ("mistralai/Mistral-7B-v0.1", "--max-depth", "2"),
    f"{_GOLDEN}/first-week.txt": ("meta-llama/Llama-2-7b-hf", "--as-of", "2025-10-02"),
    f"{_GOLDEN}/gone.txt": ("meta-llama/Llama-2-7b-hf",),
    f"{_GOLDEN}/absent.svg": ("runwayml/stable-diffusion-v1-5", "--format", "svg"),
    f"{_GOLDEN}/cycle.txt": ("example-lab/ouroboros-head-7b",),
    f"{_GOLDEN}/alone.txt": ("example-lab/no-parent-7b",),
}


def draw(connection: Connection, home: Path, name: str) -> str:
    """A picture as the program draws it of the sample graph behind `connection`."""
    result = Program(home, connection, {}).run("tree", *PICTURES[name])
    assert result.code == 0, result.err
    return result.out


def main() -> None:
    """Draw all of them anew."""
    with (
        tempfile.TemporaryDirectory(prefix="hub-genealogy-pictures-") as home,
        neo4j_for_tests(settings.load(), lambda text: print(text, file=sys.stderr)) as connection,
        sample_graph(connection),
    ):
        for name in PICTURES:
            (REPOSITORY / name).parent.mkdir(exist_ok=True)
            (REPOSITORY / name).write_text(draw(connection, Path(home), name), encoding="utf-8")


if __name__ == "__main__":
    main()

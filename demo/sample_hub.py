"""A simulated Hub with the sample: its models, its data sets, and the names by which these were called before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo import SAMPLE, SAMPLE_DATASETS
from demo.simulated_hub import SimulatedHub

# Names without an owner, from which the Hub leads to the repository of today.
LEGACY = {
    name.partition("/")[2]: name
    for name in (
        "bookcorpus/bookcorpus",
        "cimec/lambada",
        "deepmind/aqua_rat",
        "eriktks/conll2003",
        "esnli/esnli",
        "google-research-datasets/natural_questions",
        "google-research-datasets/qed",
        "google-research-datasets/taskmaster2",
        "jhu-clsp/jfleg",
        "legacy-datasets/c4",
        "legacy-datasets/wikipedia",
        "mandarjoshi/trivia_qa",
        "microsoft/ms_marco",
        "nyu-mll/glue",
        "openai/gsm8k",
        "rajpurkar/squad",
        "stanfordnlp/snli",
        "stanfordnlp/sst2",
    )
}


@contextmanager
def sample_hub(*, cards: Path | None = None, files: Path | None = None) -> Iterator[SimulatedHub]:
    """The Hub in a process of its own, with the cards and files of these folders; it ends with the block."""
    with SimulatedHub(SAMPLE, datasets=SAMPLE_DATASETS, cards=cards, files=files) as hub:
        for before, now in LEGACY.items():
            hub.datasets.redirect(before, now)
        yield hub

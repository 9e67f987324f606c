"""A Hub on which a person publishes: named in every place and spelling in which a record can name somebody."""

from typing import Any

from demo.simulated_hub import SimulatedHub
from tests.support.small_hub import child, model

NAME = "JaneQDoe"
BASE = model(1, "JaneQDoe/JaneQDoe-7B", cardData={"new_version": "JaneQDoe/next"})
OTHER = model(2, "Maker/base")
LISTING: list[dict[str, Any]] = [
    BASE,
    OTHER,
    child(3, "tuner/one", BASE),
    # In another case, in the card and the tags alone.
    model(4, "tuner/two", tags=["base_model:janeqdoe/janeqdoe-7b"], cardData={"base_model": "janeqdoe/JaneQDoe-7b"}),
    model(5, "tuner/three", cardData={"base_model": "https://huggingface.co/JaneQDoe/JaneQDoe-7B/tree/main"}),
    model(
        6,
        "tuner/four",
        config={"peft": {"base_model_name_or_path": "/models/models--JaneQDoe--JaneQDoe-7B/snapshots/1"}},
    ),
    # What names nothing on the Hub is rejected, and kept.
    model(
        7, "tuner/five", cardData={"base_model": ["/data/JaneQDoe/checkpoint", "trained by JaneQDoe at home, ask her"]}
    ),
    # A model of another publisher, made from hers.
    child(8, "quants/Seven-B-GGUF", BASE),
    # A parent that was never listed, a merge, and data sets.
    child(9, "JaneQDoe/merge", OTHER)
    | {"cardData": {"base_model": ["Maker/base", "JaneQDoe/Lost"], "datasets": ["JaneQDoe/data", "maker/data"]}},
    model(
        10, "tuner/six", tags=["dataset:janeqdoe/data", "base_model:JaneQDoe/lost", "base_model:adapter:JaneQDoe/lost"]
    ),
    # Her files are asked for.
    model(
        11,
        "JaneQDoe/to-be-renamed",
        tags=["safetensors"],
        siblings=[{"rfilename": "JaneQDoe/a.safetensors", "lfs": {"sha256": "0" * 64, "size": 1 << 30}}],
    ),
    model(12, "JaneQDoe/to-be-deleted"),
    model(13, "maker/to-be-hers"),
    model(14, "tuner/seven", cardData={"base_model": "asked/for"}),
    *(model(number, f"filler/{number}") for number in range(20, 40)),
    # The Hub leads from `asked/for` to it.
    model(50, "asked/for"),
]


def first_night(hub: SimulatedHub) -> None:
    """What the Hub had before the first crawl."""
    hub.rename("asked/for", "JaneQDoe/led-to")


def second_night(hub: SimulatedHub) -> None:
    """What changes before the second crawl."""
    hub.rename("JaneQDoe/to-be-renamed", "heir/renamed")
    hub.rename("maker/to-be-hers", "JaneQDoe/hers")
    hub.delete("JaneQDoe/to-be-deleted")
    hub.delete("filler/20")


def third_night(hub: SimulatedHub) -> None:
    """What changes before the third crawl."""
    hub.update("tuner/one", {"pipeline_tag": "text-generation"})
    hub.create(child(60, "JaneQDoe/late", BASE))

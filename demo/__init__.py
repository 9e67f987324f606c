"""The demo: a simulated Hub on loopback (`simulated_hub/`) that serves a small hand-made listing (`sample/`)."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "sample" / "listing.jsonl"
SAMPLE_DATASETS = SAMPLE.with_name("datasets.jsonl")
CARDS = SAMPLE.with_name("cards")

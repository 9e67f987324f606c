"""The listings of the Hub that are walked: what differs between models and data sets."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from crawler.records.record import Parsed, parse, parse_dataset
from crawler.records.used import DATASET_EXPAND, EXPAND


@dataclass(frozen=True)
class Listing:
    """One listing: its `name` ends its address, `/api/<name>`, and begins that of each of its repositories."""

    name: Literal["models", "datasets"]
    expand: tuple[str, ...]
    """The fields that a crawl asks it for."""
    parse: Callable[[Any], Parsed]
    """Reads one of its objects."""


MODELS: Final = Listing("models", EXPAND, parse)
DATASETS: Final = Listing("datasets", DATASET_EXPAND, parse_dataset)
LISTINGS: Final = MappingProxyType({listing.name: listing for listing in (MODELS, DATASETS)})

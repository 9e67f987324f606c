"""The replay files, and what they say a graph must hold: by other means than the crawler's."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)


def edges_of(records: dict[str, dict[str, Any]]) -> set[tuple[str, str, str]]:
    """(child, parent, relation), as the typed tags say it; names in lower case, an absent one has no other spelling."""
    return {
        (record["id"], tag.split(":", 2)[2].lower(), tag.split(":", 2)[1])
        for record in records.values()
        for tag in record["tags"]
        if tag.startswith("base_model:") and tag.count(":") == 2
    }

"""One cell of the fault matrix: a small Hub that changes once, the program beside it, and what must come of it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.graph.connection import Connection, Graph
from demo.simulated_hub import SimulatedHub
from tests.support.program import Program
from tests.support.small_hub import child, model

PAGE_SIZE = 20
PAGES = 3
# One after the other, ten minutes apart, the last one just now: a listing that ends early has an old tail.
APART = timedelta(minutes=10)


def born(created: datetime, number: int) -> dict[str, Any]:
    """The fields of a record that say when its model came to be."""
    time = f"{created:%Y-%m-%dT%H:%M:%S}.000Z"
    return {"_id": f"{int(created.timestamp()):08x}{number:016x}", "createdAt": time, "lastModified": time}


def records(now: datetime) -> list[dict[str, Any]]:
    """Sixty models: every fifth a parent, the others its children; three pages make a walk."""
    found: list[dict[str, Any]] = []
    for number in range(PAGES * PAGE_SIZE):
        parent = found[number // 5 * 5] if number % 5 else None
        name = f"owner{number % 7}/model-{number}"
        record = child(number, name, parent) if parent else model(number, name)
        found.append(record | born(now - APART * (PAGES * PAGE_SIZE - 1 - number), number))
    return found


def change(hub: SimulatedHub, now: datetime) -> str:
    """Let the Hub change as in a night, on each of its pages; return the key of the model that is gone."""
    keys = [record["_id"] for record in hub.records()]
    hub.rename(keys[5], "owner5/renamed")
    hub.update(keys[26], {"tags": ["gguf"], "baseModels": None, "cardData": {"license": "mit"}})
    hub.gate(keys[30])
    hub.delete(keys[47])
    hub.create(model(99, "owner1/new") | born(now, 99))
    return str(keys[47])


def page_of(listing: list[dict[str, Any]], page: int, *, poisoned: bool = False) -> bytes:
    """The bytes of a page; poisoned, one record in the middle of it is nested too deep for any reader."""
    on_it = [json.dumps(record).encode() for record in listing[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    if poisoned:
        on_it[11] = on_it[11][:-1] + b',"widgetData":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    return b"[" + b",".join(on_it) + b"]"


def program(hub: SimulatedHub, home: Path, graph: Connection, page_size: int = PAGE_SIZE) -> Program:
    """The program beside such a Hub: the age of what was listed last counts."""
    settings = {"HUB_GENEALOGY_HUB_PAGE_SIZE": str(page_size), "HUB_GENEALOGY_SWEEP_MAX_TAIL_AGE": "1h"}
    return Program(home, graph, {"HF_ENDPOINT": hub.url, **settings})


def keys_by_status(graph: Graph) -> dict[str, list[str]]:
    """The keys of all models in the graph, by their status; a model that is there twice stands twice."""
    found = graph.read("MATCH (m:Model) RETURN m.status AS status, m.key AS key ORDER BY key")
    return {status: [row["key"] for row in found if row["status"] == status] for status in ("listed", "gone", "absent")}

"""A small family on a simulated Hub, and the plainest client that can walk it."""

import json
import re
import time
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from demo.simulated_hub import SimulatedHub

IN_ORDER = "/api/models?sort=createdAt&direction=1"


def hub_id(number: int) -> str:
    return f"{0x65F00000 + number * 60:08x}{number:016x}"


def model(number: int, name: str, **fields: Any) -> dict[str, Any]:
    record = {
        "_id": hub_id(number),
        "id": name,
        "author": name.rpartition("/")[0],
        "createdAt": f"2024-03-12T07:{number % 60:02}:00.000Z",
        "lastModified": f"2024-04-01T00:{number % 60:02}:00.000Z",
        "private": False,
        "downloads": number % 3,
        "likes": number,
        "tags": ["region:us"],
    }
    return record | fields


def child(number: int, name: str, parent: dict[str, Any]) -> dict[str, Any]:
    return model(
        number,
        name,
        tags=[f"base_model:{parent['id']}", f"base_model:finetune:{parent['id']}"],
        cardData={"base_model": parent["id"]},
        baseModels={"relation": "finetune", "models": [{"_id": parent["_id"], "id": parent["id"]}]},
    )


BASE = model(1, "Maker/base")
FAMILY = [BASE, child(2, "tuner/one", BASE), child(3, "tuner/two", BASE), model(4, "legacy-name"), model(5, "x/last")]


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def names(self) -> list[str]:
        return [record["id"] for record in self.json]

    @property
    def next(self) -> str | None:
        match = re.fullmatch(r'<(.+)>; rel="next"', self.headers["Link"] or "")
        return match[1] if match else None


def get(hub: SimulatedHub, path: str, **headers: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", hub.port, timeout=30)
    try:
        connection.request("GET", path.removeprefix(hub.url), headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def wait_until(hub: SimulatedHub, *, listens: bool) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            get(hub, "/")
        except ConnectionError:
            if not listens:
                return
        else:
            if listens:
                return
        time.sleep(0.01)
    raise TimeoutError


def walk(hub: SimulatedHub, path: str) -> list[str]:
    names, url = [], path
    while url:
        answer = get(hub, url)
        names += answer.names
        url = answer.next or ""
    return names

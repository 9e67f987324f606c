"""A Hugging Face Hub on loopback: its listings of models and of data sets, and detail calls, its churn, and its failures.

What it simulates, from the Hub's documented behaviour and recorded answers:

- `GET /api/models`: sort, direction, limit, filter, author, search and expand; pages linked by an opaque, stateless
  cursor in an absolute `Link` header (https://huggingface.co/docs/hub/api).
- `GET /api/models/{id}`: the whole record; 307 for a former name or another case; 401 for a missing or private one,
  404 `RepoNotFound` when a token came along. With `blobs=true`, the sizes and hashes of its files, those of a folder too.
- `GET /api/datasets`, `GET /api/datasets/{id}`: the same of data sets.
- `GET /{id}/resolve/main/README.md`: 307 to the file on the same host, in the bucket `resolvers`.
- `GET /api/organizations/{name}/overview` and `GET /api/users/{name}/overview`; 404 for the wrong kind.
- Rate limits in fixed windows, on every answer, in the headers of the IETF draft that the Hub uses
  (https://huggingface.co/docs/hub/rate-limits).
- A Hub that lives: models are created, updated, renamed, gated, disabled, hidden and deleted between two pages.
- A mirror: with `host`, links and redirects name another host than the one that was asked.
- A Hub that fails: wrong statuses, dropped and stalled connections, broken JSON and gzip, misleading links.

What it does not: the content of files, spaces, search by relevance, organisations, permissions. A listing parameter
that the Hub knows and this package does not is refused with 400, so that no test believes an answer nobody computed.

`python -m demo.simulated_hub --listing FILE.jsonl.gz` serves one by hand; tests use the class:

    with SimulatedHub([{"_id": "65f000000000000000000001", "id": "maker/base"}]) as hub:
        hub.url, hub.rename("maker/base", "maker/first", after=2), hub.fault("status", status=503, at=3)

Records are dictionaries as the Hub gives them; `_id` and `id` are all they need. The server is a process of its own,
which ends with the one that started it. Everything below `/_control/` belongs to the simulation.
"""

from demo.simulated_hub.process import Request, SimulatedHub

__all__ = ["Request", "SimulatedHub"]

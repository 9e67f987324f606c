"""A state folder as others leave it: an earlier version, which wrote no hashes, and somebody who makes them fit."""

import json
from pathlib import Path

from crawler.files import DIGEST, read_json, sha256_of, write_json


def _manifest(folder: Path) -> Path:
    return next(folder / name for name in ("snapshot.json", "changes.json") if (folder / name).exists())


def forget_hashes(folder: Path, *others: str) -> None:
    """Leave the manifest of a snapshot or a change set as a version wrote it that did not know the hashes, and `others`."""
    file = _manifest(folder)
    write_json(file, {name: value for name, value in read_json(file).items() if name not in {"sha256", *others}})


def fit_hash(file: Path) -> None:
    """Let the manifest list the file as it is now."""
    manifest = _manifest(file.parent)
    content = read_json(manifest)
    content["sha256"][file.name] = sha256_of(file)
    write_json(manifest, content)


def forget_everything(home: Path) -> None:
    """Leave a whole state folder as a version wrote it that knew neither hashes nor digests."""
    for file in sorted(home.rglob("*.json*")):
        if file.suffix == ".gz":
            continue
        lines = file.read_bytes().splitlines() if file.suffix == ".jsonl" else [file.read_bytes()]
        known = [json.loads(line) for line in lines]
        left_out = {DIGEST, *(() if file.suffix == ".jsonl" else ("sha256", "answers", "pages"))}
        if file.name == "walk.json":
            left_out.add("crawl")
        texts = [json.dumps({name: value for name, value in one.items() if name not in left_out}) for one in known]
        file.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")

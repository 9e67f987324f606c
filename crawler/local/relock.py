"""Write `neo4j.lock.json` anew, for maintainers.

    python -m crawler.local.relock [VERSION [FILE]]

resolves the lock's root coordinates at VERSION (default: the newest release of the line that is locked), fetches every
jar and notes its SHA-256. FILE is another lock, such as `tests/support/neo4j-newest.lock.json`, the newest calendar release that
tests run on. Look at the difference before committing it: from then on these hashes are what users run. The release in
`docker-compose.yml` goes with it.
"""

import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from crawler.local.jars import LOCK, Jar, maven, read_lock, sha256

RUNTIME = {None, "compile", "runtime"}  # the scopes that a running server needs


def newest(context: Any, line: str) -> str:
    """The newest published release of Neo4j whose version starts with `line`."""
    project = context.project("org.neo4j", "neo4j")
    project.update()
    found = [c.version for c in project.versions() if c.version.startswith(f"{line}.") and c.version[-1].isdigit()]
    return str(max(found, key=lambda version: [int(part) for part in version.split(".")]))


def locked(artifact: Any) -> Jar:
    """Fetch one artifact and describe it as a line of the lock."""
    file: Path = artifact.resolve()
    coordinate = ":".join(filter(None, (artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier)))
    return Jar(coordinate, sha256(file), file.stat().st_size)


def main(arguments: list[str]) -> None:
    """Resolve, fetch, hash, write."""
    file = Path(arguments[1]) if arguments[1:] else LOCK
    lock = read_lock(file)
    with tempfile.TemporaryDirectory() as staging:
        context = maven(Path(staging))
        version = arguments[0] if arguments else newest(context, lock.version.rpartition(".")[0])
        roots = [
            f"{root.rpartition(':')[0]}:{version}" if root.endswith(f":{lock.version}") else root for root in lock.roots
        ]
        inputs, transitive = context.resolver.resolve([context.create_dependency(root) for root in roots])
        artifacts = [d.artifact for d in (*inputs, *transitive) if d.scope in RUNTIME and d.type == "jar"]
        with ThreadPoolExecutor(6) as pool:
            jars = list(pool.map(locked, artifacts))
    names = [jar.name for jar in jars]
    if len(set(names)) != len(names):
        raise SystemExit(f"two jars share a file name: {sorted(n for n in names if names.count(n) > 1)}")
    lines = ",\n".join(f"    {json.dumps(vars(jar))}" for jar in jars)  # one jar a line: a difference that can be read
    file.write_text(
        f'{{\n  "version": {json.dumps(version)},\n  "main": {json.dumps(lock.main)},\n  "roots": {json.dumps(roots)},\n'
        f'  "jars": [\n{lines}\n  ]\n}}\n',
        encoding="utf-8",
    )
    sys.stderr.write(f"{file.name}: Neo4j {version}, {len(jars)} jars, {sum(j.size for j in jars) / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The bill of materials of a release, as CycloneDX: what `pip` installs for users, and the Neo4j that the program fetches.

    python -m tests.support.sbom FOLDER

cyclonedx-py describes the packages of this environment: names, versions, licences, and who needs whom. Of these, the
ones in requirements.txt stay, with the hashes from there. The jars are those of the lock. `make dist` runs this.
"""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crawler import __version__
from crawler.local.jars import Jar, Lock, read_lock

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "hub-genealogy"
EXTRAS = ("local", "fast")


def requirements(file: Path = REPOSITORY / "requirements.txt") -> dict[str, tuple[Requirement, list[str]]]:
    """What requirements.txt installs: name → requirement, SHA-256 of each of its files."""
    text = re.sub(r"^#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", "")
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in text.splitlines():
        words, *hashes = line.split(" --hash=sha256:")
        requirement = Requirement(words)
        found[canonicalize_name(requirement.name)] = (requirement, [part.strip() for part in hashes])
    return found


def bill() -> dict[str, Any]:
    """The bill of materials."""
    done = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", sys.executable],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    described: dict[str, Any] = json.loads(done.stdout)
    wanted = requirements()
    components = [one for one in described["components"] if canonicalize_name(one["name"]) in wanted]
    for component in components:
        component["externalReferences"] = [
            _distribution(component["purl"], wanted[canonicalize_name(component["name"])][1])
        ]
    kept = {one["bom-ref"] for one in components}
    graph = [
        {**node, "dependsOn": [ref for ref in node.get("dependsOn", []) if ref in kept]}
        for node in described["dependencies"]
        if node["ref"] in kept
    ]
    neo4j = _neo4j(read_lock())
    needed = _direct()
    direct = [one["bom-ref"] for one in components if canonicalize_name(one["name"]) in needed]
    graph += [{"ref": NAME, "dependsOn": [*direct, neo4j["bom-ref"]]}, {"ref": neo4j["bom-ref"]}]
    return {
        **{key: described[key] for key in ("$schema", "bomFormat", "specVersion", "version")},
        "metadata": {"component": _program(), "tools": {"components": _tools(described)}},
        "components": [*components, neo4j],
        "dependencies": graph,
    }


def _program() -> dict[str, Any]:
    described = str(metadata.metadata(NAME)["Summary"])
    return {"type": "application", "bom-ref": NAME, "name": NAME, "version": __version__, "description": described}


def _tools(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {key: tool[key] for key in ("type", "name", "version")} for tool in described["metadata"]["tools"]["components"]
    ]


def _direct() -> set[str]:
    """The packages that the program itself asks for, with its extras."""
    asked = [Requirement(line) for line in metadata.requires(NAME) or []]
    return {
        canonicalize_name(one.name)
        for one in asked
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *EXTRAS))
    }


def _distribution(purl: str, hashes: list[str]) -> dict[str, Any]:
    """The files of one version: one for each platform and Python, so they are no hash of the component itself."""
    return {
        "type": "distribution",
        "url": purl,
        "hashes": [{"alg": "SHA-256", "content": content} for content in hashes],
    }


def _neo4j(lock: Lock) -> dict[str, Any]:
    """A program of its own, fetched at the first start where no server is named."""
    return {
        "type": "application",
        "bom-ref": f"neo4j-{lock.version}",
        "group": "org.neo4j",
        "name": "Neo4j Community Edition",
        "version": lock.version,
        "scope": "optional",
        "licenses": [{"license": {"id": "GPL-3.0-only"}}],
        "components": [_jar(jar) for jar in lock.jars],
    }


def _jar(jar: Jar) -> dict[str, Any]:
    group, artifact, version, *classifier = jar.coordinate.split(":")
    purl = f"pkg:maven/{group}/{artifact}@{version}" + "".join(f"?classifier={one}" for one in classifier)
    return {
        "type": "library",
        "bom-ref": purl,
        "group": group,
        "name": artifact,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": jar.sha256}],
    }


def main(folder: Path) -> None:
    """Write the bill of materials into `folder`, if it is valid."""
    text = json.dumps(bill(), indent=1) + "\n"
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error is not None:
        raise SystemExit(f"the bill of materials is not valid CycloneDX: {error}")
    file = folder / f"{NAME}-{__version__}.cdx.json"
    file.write_text(text, encoding="utf-8")
    sys.stderr.write(f"{file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

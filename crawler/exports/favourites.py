"""The saved queries as favourites of Neo4j Browser: a zip of folders, one for each topic.

Browser uses the first line of a file as the favourite's name and shows about 25 letters of it, so the query's name is put
in front of its title. Otherwise the file stays unchanged. The zip also holds a few statements that draw, one that finds
names, because Browser takes them as they are, and one that sets every parameter, because Browser runs no query whose
parameters are not set.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.answers.library import MAY_BE_REQUIRED, Library

PICTURES = Path(__file__).with_name("pictures")
FIND = Path(__file__).with_name("find.cypher")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same library gives the same bytes

_VALUE = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\[[^\]]*\]|[^,}\s]+"""


def write(queries: Library, out: BinaryIO) -> int:
    """Write the zip and return how many favourites it holds."""
    files = dict(_files(queries))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), text, zipfile.ZIP_DEFLATED)
    return len(files)


def _files(queries: Library) -> Iterator[tuple[str, str]]:
    yield "parameters.cypher", f"// Set parameters (edit the model, then run)\n:param {parameters(queries)}\n"
    yield FIND.name, FIND.read_text(encoding="utf-8")
    for path in sorted(PICTURES.glob("*.cypher")):
        yield f"pictures/{path.name}", path.read_text(encoding="utf-8")
    for query in queries.values():
        yield f"{query.topic}/{query.path.name}", query.text.replace("// ", f"// {query.name}: ", 1)


def parameters(queries: Library) -> str:
    """Every parameter of the library as a Cypher map: an example value if a query requires it, else its default.

    The example of `descendants` comes first: its model has descendants, so the first answer is not empty.
    """
    values: dict[str, str] = {}
    for query in sorted(queries.values(), key=lambda query: query.name != "descendants"):
        for parameter in query.parameters:
            if parameter.required:
                match = re.search(rf"[{{,]\s*{parameter.name}\s*:\s*({_VALUE})", query.example)
                values.setdefault(parameter.name, match[1] if match else "''")
    for query in queries.values():
        for parameter in query.parameters:
            values.setdefault(parameter.name, json.dumps(parameter.default, ensure_ascii=False))
    names = [name for name in MAY_BE_REQUIRED if name in values]  # first those that a user edits
    names += [name for name in values if name not in MAY_BE_REQUIRED]
    return "{" + ", ".join(f"{name}: {values[name]}" for name in names) + "}"

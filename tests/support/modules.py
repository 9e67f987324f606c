"""What each module of the program imports, read from the source, and the picture of its rooms in docs/contributing.md.

A room is a folder of `crawler/`, or a module beside these folders.
"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = "crawler"
PAGE = "docs/contributing.md"
START, END = "<!-- The rooms: made by `make reference` from the source. -->\n", "<!-- The end of the rooms. -->\n"

Imports = dict[str, set[str]]


def module_imports() -> Imports:
    """Every module of the program with the modules that it imports anywhere in its source, others' included."""
    paths = sorted((REPOSITORY / PROGRAM).rglob("*.py"))
    own = {_name(path) for path in paths}
    return {_name(path): set(_imported(path, own)) for path in paths}


def room_imports() -> Imports:
    """Every room of the program with the other rooms that it imports."""
    found: Imports = {}
    for module, names in module_imports().items():
        others = {_room(name) for name in names if name.startswith(f"{PROGRAM}.")}
        found.setdefault(_room(module), set()).update(others - {_room(module)})
    del found[PROGRAM]  # holds nothing but the version
    return found


def reached(start: str, imports: Imports) -> set[str]:
    """What `start` imports, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = imports.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def contributing() -> str:
    """docs/contributing.md with the rooms as they are now."""
    before, start, rest = (REPOSITORY / PAGE).read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    return "".join([before, start, *_rooms(room_imports()), end, after])


def _rooms(imports: Imports) -> Iterator[str]:
    """A Mermaid diagram without the arrows that follow from others, and a table of the rooms. CycleError for a circle."""
    in_order = TopologicalSorter({room: sorted(imports[room]) for room in sorted(imports)}).static_order()
    rooms = list(in_order)[::-1]
    yield "\n```mermaid\nflowchart TD\n"
    for room in rooms:
        follow = set().union(*(reached(other, imports) for other in imports[room]))
        yield from (f"  {room} --> {other}\n" for other in sorted(imports[room] - follow))
    yield "```\n\n| room | what it does |\n|---|---|\n"
    yield from map(_described, rooms)
    yield "\n"


def _described(room: str) -> str:
    """The path of a room and the first line of its docstring, as a row of the table."""
    path = f"{PROGRAM}/{room}"
    folder = (REPOSITORY / path).is_dir()
    source = REPOSITORY / path / "__init__.py" if folder else REPOSITORY / f"{path}.py"
    text = ast.get_docstring(_tree(source))
    if text is None:
        raise ValueError(f"{source} needs a docstring: what is this room for?")
    [first_line, *_] = text.splitlines()
    return f"| `{path}{'/' if folder else '.py'}` | {first_line} |\n"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2]).removeprefix(f"{PROGRAM}.")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(path: Path, own: set[str]) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                yield member if member in own else node.module

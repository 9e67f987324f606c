"""Checks of a saved query's statement: its parameters and columns, and that it only reads and has bounded paths.

The checks read the text alone, so they need no server. The tests also check the plan on a real one. They are no
wall: the server runs every query in a transaction that only reads, and the local one opens no files and no addresses.
"""

import re
from collections.abc import Collection, Sequence

MAX_PATH_LENGTH = 100

# Every repetition is possessive or ends where the next match begins: the time of a check grows with the length of the
# text, whatever the text is. What is opened and never closed reaches to the end, as it would for the server.
_SKIPPED = re.compile(
    r"""//[^\n\r]*+|/\*.*?(?:\*/|\Z)|'(?:\\.?|[^'\\])*+(?:'|\Z)|"(?:\\.?|[^"\\])*+(?:"|\Z)|`[^`]*+(?:`|\Z)""", re.DOTALL
)
# Cypher 5 reads an escape before anything else, even in a comment or within a keyword; Cypher 25 in texts only.
_ESCAPE = re.compile(r"\\u\w{0,4}", re.IGNORECASE)
# Spaces, dashes and arrows of other scripts: Cypher reads many of them like those of ASCII, the patterns below do not.
_ODD = re.compile(r"[^\w\x20-\x7e\t\n\r]")
_WRITES = re.compile(
    r"(?<![\w.:$])(CREATE|INSERT|MERGE|SET|DELETE|DETACH|REMOVE|DROP|ALTER|GRANT|DENY|REVOKE|FOREACH|TERMINATE|LOAD\s+CSV|"
    r"IN\s+(?:\$?\w+\s+CONCURRENT\s+)?TRANSACTIONS|USE)\b",
    re.IGNORECASE,
)
_NAME = r"(?:\w++|`[^`]*+`)"
_PROCEDURE = re.compile(rf"(?<![\w.:$])CALL\s*+(?!db\.(?:index|schema)\.){_NAME}(?:\s*+\.\s*+{_NAME})*+", re.IGNORECASE)
_DOTTED = re.compile(rf"({_NAME}(?:\s*+\.\s*+{_NAME})*+)(\s*+\()?")
# Where Neo4j's own functions with a dot in their name are, and the procedures that `_PROCEDURE` lets pass.
_OWN_NAMESPACES = re.compile(
    r"(?:date|time|datetime|localtime|localdatetime|duration|point|vector|db\.index|db\.schema)\.", re.IGNORECASE
)
_UNSAFE = re.compile(r"\b(allShortestPaths)\s*\(|\b(ALL\s+SHORTEST)\b", re.IGNORECASE)
_VARIABLE_LENGTH = re.compile(r"\[[^\[\]*]*\*([^\[\]]*)\]")
_BOUNDS = re.compile(r"\s*+\d++\s*+\.\.\s*+0*+(\d{1,9})\s*+(?:\{.*)?", re.DOTALL)
_LIMIT = re.compile(
    r"\b(?:LIMIT|SKIP|OFFSET)\s++(?!toInteger\b)(?:(?!\b(?:LIMIT|SKIP|OFFSET)\b)[^\n;}$])*+\$\w+", re.IGNORECASE
)
_OPEN_QUANTIFIER = re.compile(r"(?:->|<-|--|[)\]]-)\s*+[+*](?=\s*+\()|\{\s*+\d*+\s*+,\s*+\}|\)[+*](?=\s*+[-<(])")


class StatementError(ValueError):
    """A rule that the statement breaks. `line` counts from the first line of the statement."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def bare(statement: str) -> str:
    """The statement with comments, string literals and what stands in backticks replaced by spaces.

    All other characters keep their positions.
    """
    return _SKIPPED.sub(lambda match: re.sub(r"[^\n`]" if match[0][0] == "`" else r"[^\n]", " ", match[0]), statement)


def follows_paths(statement: str) -> bool:
    """Whether the statement has a path of variable length."""
    return _VARIABLE_LENGTH.search(bare(statement)) is not None


def check(statement: str, parameters: Collection[str], columns: Sequence[str]) -> None:
    """Compare a statement with its declared parameters and columns; raise StatementError for the first broken rule."""
    if escape := _ESCAPE.search(statement):
        raise StatementError(_line(statement, escape.start()), f"write the character itself instead of {escape[0]}")
    text = bare(statement)
    _check_one(text)
    if odd := _ODD.search(text):
        raise StatementError(_line(text, odd.start()), f"U+{ord(odd[0]):04X} may only stand in a text or a comment")
    for pattern, message in (
        (_WRITES, "a saved query only reads; found {}"),
        (_PROCEDURE, "a saved query calls no procedures but those of db.index and db.schema; found {}"),
        (_UNSAFE, "{} never ends on some graphs; use shortestPath"),
        (_OPEN_QUANTIFIER, "a path without a bound: {}"),
        (_LIMIT, "{}: write toInteger(…) around it, as :param in Neo4j Browser makes every number a float"),
    ):
        if match := pattern.search(text):
            raise StatementError(_line(text, match.start()), message.format(" ".join(match[0].split())))
    for match in _DOTTED.finditer(text):
        if match[2] and "." in match[1] and not _OWN_NAMESPACES.match(match[1]):
            name = " ".join(match[1].split())
            raise StatementError(
                _line(text, match.start()), f"a saved query calls Neo4j's own functions only; found {name}"
            )
    for match in _VARIABLE_LENGTH.finditer(text):
        bounds = _BOUNDS.fullmatch(match[1])
        if bounds is None or int(bounds[1]) > MAX_PATH_LENGTH:
            raise StatementError(
                _line(text, match.start()),
                f"a path must be bounded, such as *1..{MAX_PATH_LENGTH}: {match[0]}",
            )
    _check_parameters(text, parameters)
    _check_result(text, columns)


def _check_one(text: str) -> None:
    end = text.find(";")
    if not text[:end].strip() or end < 0:
        raise StatementError(text.count("\n") + 1, "one statement, closed by a semicolon, must follow the header")
    if text[end + 1 :].strip():
        raise StatementError(_line(text, end), "only one statement may follow the header")


def _check_parameters(text: str, declared: Collection[str]) -> None:
    used = {match[1]: match.start() for match in re.finditer(r"\$(\w+)", text)}
    for name in sorted(used.keys() - set(declared)):
        raise StatementError(_line(text, used[name]), f"the parameter ${name} is used, but not declared with @param")
    for name in sorted(set(declared) - used.keys()):
        raise StatementError(1, f"the parameter ${name} is declared, but not used")


def _check_result(text: str, declared: Sequence[str]) -> None:
    flat = _flat(text)
    returns = list(re.finditer(r"\bRETURN\b", flat, re.IGNORECASE))
    if not returns:
        raise StatementError(1, "the statement has no RETURN")
    start = returns[-1].end()
    line = _line(text, start)
    order = re.search(r"\bORDER\s+BY\b", flat[start:], re.IGNORECASE)
    if order is None:
        raise StatementError(line, "the result has no ORDER BY")
    returned = [_alias(item, line) for item in _items(flat[start : start + order.start()])]
    if returned != list(declared):
        raise StatementError(
            line,
            f"the columns returned are not those declared: {', '.join(returned)} and not {', '.join(declared)}",
        )


def _flat(text: str) -> str:
    """The text with everything inside brackets replaced by spaces."""
    depth = 0
    flat = []
    for character in text:
        depth -= character in ")]}"
        flat.append(character if depth == 0 or character == "\n" else " ")
        depth += character in "([{"
    return "".join(flat)


def _items(projection: str) -> list[str]:
    return re.sub(r"^\s*DISTINCT\b", "", projection, flags=re.IGNORECASE).split(",")


def _alias(item: str, line: int) -> str:
    match = re.search(r"(?:\bAS\s+|^\s*)(\w+)\s*$", item, re.IGNORECASE)
    if match is None:
        raise StatementError(line, f"a column needs a name (AS …): {' '.join(item.split())}")
    return match[1]


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1

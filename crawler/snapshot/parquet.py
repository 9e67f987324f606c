"""Parquet files of the state folder. They may come from a stranger's backup: nothing that they say becomes SQL."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crawler.errors import HubGenealogyError
from crawler.files import is_there, sha256_of

WAY_OUT = "restore it from a backup that you trust, or make it again from its archive as docs/operations.md says"
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_GLOB = re.compile(r"[*?\[]")
# The errors of DuckDB that a damaged file can cause. Others are bugs.
OF_A_FILE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
    duckdb.NotImplementedException,
    duckdb.TypeMismatchException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.OutOfMemoryException,
)


def literal(path: Path) -> str:
    """The pattern that means `path` alone: DuckDB takes `*`, `?` and `[` in the name of a file that it reads for a pattern."""
    text = str(path)
    # A backslash quotes what follows it in a pattern, and is a letter in any other name.
    return _GLOB.sub(r"[\g<0>]", text.replace("\\", "\\\\")) if _GLOB.search(text) else text


def read_parquet(*paths: Path) -> str:
    """The SQL that reads the files. Folders on the way there, such as `status=gone`, give no column."""
    texts = ", ".join("'" + literal(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{texts}], hive_partitioning = false)"


def confine(db: duckdb.DuckDBPyConnection, *places: Path) -> None:
    """Let `db` read and write nothing outside these files and folders from now on; no statement can take that back."""
    folders, files = [p for p in places if p.is_dir()], [p for p in places if not p.is_dir()]
    for setting, paths in (("allowed_directories", folders), ("allowed_paths", files)):
        # It asks for the pattern first, then for what that means.
        names = sorted({str(path) for path in paths} | {literal(path) for path in paths})
        db.execute(f"SET {setting} = $names", {"names": names})
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")


@contextmanager
def confined(*places: Path, memory: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that reaches these files and folders alone."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        if memory is not None:
            db.execute("SET memory_limit = $memory", {"memory": memory})
        confine(db, *places)
        yield db


@contextmanager
def reading(*places: Path, memory: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A `confined` DuckDB for a block that only reads. Raises HubGenealogyError where one of the files is damaged."""
    with confined(*places, memory=memory) as db, damaged(places[0]):
        yield db


@contextmanager
def damaged(path: Path, *, limited: bool = False) -> Iterator[None]:
    """Turn what DuckDB says of a file that it cannot read into one line that names `path`.

    A file that is damaged may ask for any amount of memory; where that is `limited`, it is the limit that is named.
    """
    try:
        yield
    except duckdb.Error as error:
        if "max_temp_directory_size" in str(error) or (limited and isinstance(error, duckdb.OutOfMemoryException)):
            raise  # a limit of ours, which no file reaches by its damage
        # An error without a class of its own comes from the format of the file.
        if isinstance(error, OF_A_FILE) or type(error) is duckdb.Error:
            raise HubGenealogyError(f"{path} cannot be read ({_reason(error)}): {WAY_OUT}") from error
        raise
    except OSError as error:
        raise HubGenealogyError(f"{path} cannot be read ({error.strerror or error}): {WAY_OUT}") from error


def _reason(error: duckdb.Error) -> str:
    return ascii(str(error).splitlines()[0][:200]).strip("'\"")


def columns(db: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """The columns of `file` with their types; HubGenealogyError for a file that this program cannot have written."""
    with damaged(file):
        described = db.execute(f"DESCRIBE SELECT * FROM {read_parquet(file)}").fetchall()  # noqa: S608  # its path, quoted
    written = {str(row[0]): str(row[1]) for row in described}
    for name in sorted(written):
        if not _NAME.fullmatch(name):
            raise HubGenealogyError(
                f"{file} has a column that no version of this program writes ({name[:60]!a}): {WAY_OUT}"
            )
    return written


def check_file(file: Path, rows: int | None, sha256: str | None) -> None:
    """Raise HubGenealogyError where `file` is missing, or its SHA-256 is not `sha256`; None where no manifest says that."""
    if not is_there(file):
        raise HubGenealogyError(
            f"{file} is missing{'' if rows is None else f', but its manifest lists {rows} rows'}: {WAY_OUT}"
        )
    with damaged(file):
        if sha256_of(file) != sha256 is not None:
            raise HubGenealogyError(f"{file} is not the file that its manifest lists (its SHA-256 differs): {WAY_OUT}")


def check_table(
    db: duckdb.DuckDBPyConnection, file: Path, known: Mapping[str, str], rows: int | None, *, hashed: bool
) -> None:
    """Raise HubGenealogyError where `file` is no table with `rows` rows, or has columns or values that ours cannot have.

    `known` are our columns with their types. Of a file that is not `hashed`, every value is read.
    """
    with damaged(file):
        written = columns(db, file)
        every = "NULL" if hashed else "bit_xor(hash(COLUMNS(*)))"
        found, *_hashes = db.execute(f"SELECT count(*), {every} FROM {read_parquet(file)}").fetchone() or (0,)  # noqa: S608  # its path, quoted
        if rows is not None and found != rows:
            raise HubGenealogyError(f"{file} has {found} rows, but its manifest lists {rows}: {WAY_OUT}")
        for name, kind in known.items():
            if written.get(name, kind) != kind:
                odd = db.execute(
                    f"SELECT count(*) FROM {read_parquet(file)}"  # noqa: S608  # its path, quoted, and a name of ours
                    f' WHERE "{name}" IS NOT NULL AND TRY_CAST("{name}" AS {kind}) IS NULL'
                ).fetchone()
                if odd != (0,):
                    raise HubGenealogyError(f"{file} has values in {name} that are no {kind}: {WAY_OUT}")

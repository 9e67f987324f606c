"""The local Neo4j: its jars, Java, the server."""

"""Neo4j: connection, schema, loading of change sets, dump and hash, what the graph stands at."""

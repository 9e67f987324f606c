"""Files for other programs: favourites and a style for Neo4j Browser; the graph or a family in formats that others read."""

"""Files for other programs: favourites and a style for Neo4j Browser."""

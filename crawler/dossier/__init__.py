"""The dossier of a rights request as one object: built from the graph, written, and compared with the graph later."""

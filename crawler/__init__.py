"""The genealogy of the models on the Hugging Face Hub: walk, archive, snapshot, changes, graph, answers."""

__version__ = "0.1.0"

"""How Neo4j Browser shows the graph.

A style of Browser (GraSS) knows labels and types of relationships, and no property: it cannot give each relation or
status a colour, nor a size to downloads. So the relation is the caption of its arrow, and every label has a colour.
"""

from pathlib import Path

STYLE = Path(__file__).with_name("hub-genealogy.grass")

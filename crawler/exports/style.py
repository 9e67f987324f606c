"""How Neo4j Browser shows the graph.

A style of Browser (GraSS) depends on labels and relationship types, never on properties. It cannot colour by relation, or
size by downloads. So each label has a colour, and models that are gone or absent have a second label (Gone, Absent), whose
colour stands after that of models, and wins. Captions say the rest: a model's short name and an arrow's relation, each after
its `remark` where there is one (gone, absent, withdrawn, inferred). Browser cuts captions at their end.
"""

from pathlib import Path

STYLE = Path(__file__).with_name("hub-genealogy.grass")

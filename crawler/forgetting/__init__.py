"""Takes the name of a forgotten owner out of everything that the state folder holds, and out of the graph."""

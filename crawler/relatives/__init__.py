"""The models above and below one model: read from the graph once, and the best way to each of them."""

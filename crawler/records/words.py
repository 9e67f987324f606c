"""The words that answers use for links and descendants, each with its meaning in one sentence.

`docs/words.md` is made from these tables. Each table is in the order in which answers list its words.
"""

# The kinds of links, from a child to its parent.
RELATIONS: dict[str, str] = {
    "copy": "The child's weight files are those of the parent, byte for byte.",
    "finetune": "The child was trained further from the parent's weights.",
    "adapter": "The child is a small set of weights that runs on top of the parent's, which stay as they were.",
    "quantized": "The child holds the parent's weights in a lower precision, or converted to another file format.",
    "merge": "The child's weights were computed from those of the parent and of other models.",
    "unknown": "The child derives from the parent, but nobody says in which way.",
}

# What a crawl knows of a model's place on the Hub.
STATUSES: dict[str, str] = {
    "listed": "The Hub lists it.",
    "gone": "A crawl had listed it, and the Hub no longer does: it was deleted or made private.",
    "absent": "Others name it, and no crawl ever listed it.",
}

# How a descendant depends on a model's weights, strongest first. A path is as strong as its weakest step, and a
# descendant is rated by its strongest path.
CLASSES: dict[str, str] = {
    "same_weights": "It holds the same weights, as they are, quantised or converted, and so what they memorised.",
    "needs_parent": "It is an adapter, or was made from one: it needs the weights, which stay as they were, in order to run.",
    "retrained": "It was fine-tuned: its training began with the weights, and it may keep what they memorised.",
    "mixed": "It was merged: part of its weights come from the model.",
    "unclear": "The kind of a step is not declared, or a link is only inferred; unclear does not mean safe.",
}

# What stands in place of a class in rows that rate no descendant.
OTHER_CLASSES: dict[str, str] = {
    "itself": "The row is about the model itself.",
    "trained_on": "It names the data set, or one that is made from it. What it memorised of the data is unknown.",
    "total": "The row counts all descendants, of whatever class.",
}

# How sure a link is, strongest first. A path is as sure as its least sure link.
CERTAINTIES: dict[str, str] = {
    "declared_by_hub": "The Hub itself names the parent, by an id that never changes.",
    "declared_by_author": "The author names the parent, in a tag or in the metadata of the card.",
    "observed_in_files": "Files show it: weight files are identical, the adapter's configuration names the parent, "
    "or the kind of step was read from files.",
    "said_in_text": "A sentence in the card says so.",
    "imported": "Findings of others, imported into the graph, say so.",
    "inferred": "Nobody says so: a rule concluded it from names and files.",
}

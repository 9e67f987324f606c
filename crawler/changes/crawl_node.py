"""The properties of a `Crawl` node: what the crawl was, what it changed, and the profile of the graph that it left."""

from crawler.snapshot.columns import Column

# Taken from the manifest of the change set as they are.
FROM_MANIFEST = (
    Column("kind", "VARCHAR", "full (the whole listing) or incremental (recent changes)"),
    Column("complete", "BOOLEAN", "whether it saw the whole listing"),
    Column("refusals", "VARCHAR[]", "what safety checks refused, in words, where they refused anything"),
    Column("models_seen", "BIGINT", "models that it saw"),
    Column("models_added", "BIGINT", "models that were new, or were listed again"),
    Column("models_changed", "BIGINT", "listed models that changed, popularity aside"),
    Column("models_retired", "BIGINT", "models that it found gone"),
    Column(
        "models_removed",
        "BIGINT",
        "models that it removed because they had been gone for longer than `keep.gone`, if any",
    ),
    Column("edges_added", "BIGINT", "links that were new, or were declared again"),
    Column("edges_changed", "BIGINT", "links that changed"),
    Column("edges_withdrawn", "BIGINT", "links that a listed model no longer declares"),
    Column("rejected", "BIGINT", "declarations and fields that could not be understood"),
    Column("rows_written", "BIGINT", "rows that changed in the graph, popularity aside"),
)

STANDING = (
    Column("id", "VARCHAR", "its number and the time at which it began"),
    Column("started_at", "TIMESTAMP", "when its walk over the listing began"),
    Column("finished_at", "TIMESTAMP", "when that walk ended"),
    Column("versions", "VARCHAR[]", "the programs that made it, with their versions"),
    Column("state", "VARCHAR", "loaded; or loading, while its changes are being applied"),
    Column("made_from", "VARCHAR", "the identity of the state folder that it was made from"),
)

# While a load is at work only.
_LOADING = (
    Column("building", "BOOLEAN", "while the graph is being made: true"),
    Column("wiping", "BOOLEAN", "while the old graph is being erased to make it anew: true"),
    Column("imported", "BOOLEAN", "while it is loading: true where an import brought its rows"),
    Column("step", "BIGINT", "while it is loading: the step of the load that was committed last"),
    Column("offset", "BIGINT", "while it is loading: the rows of that step that are in"),
)

PROFILE = (
    Column("models_listed", "BIGINT", "listed models"),
    Column("models_gone", "BIGINT", "gone models"),
    Column("models_absent", "BIGINT", "absent models"),
    Column("edges_current", "BIGINT", "current links"),
    Column("families", "BIGINT", "sets of models that current links connect"),
    Column("largest_family", "BIGINT", "the models of the largest of them"),
    Column("family_size_profile", "BIGINT[]", "how many of them have 1, 2 to 3, 4 to 7, 8 to 15 … models"),
    Column("models_on_cycles", "BIGINT", "models on a cycle of current links"),
    Column("longest_chain", "BIGINT", "the steps of the longest chain"),
    Column("depth_profile", "BIGINT[]", "how many connected models are of generation 0, 1, 2 …"),
    Column("listed_with_card", "BIGINT", "listed models with a card"),
    Column("listed_with_license", "BIGINT", "listed models that declare a licence"),
    Column("listed_with_parent", "BIGINT", "listed models with a parent"),
    Column("listed_with_several_parents", "BIGINT", "listed models with more than one parent"),
    Column("listed_with_absent_parent", "BIGINT", "listed models with an absent parent"),
    Column("listed_with_gone_parent", "BIGINT", "listed models with a gone parent"),
    Column(
        "listed_with_undeclared_parent",
        "BIGINT",
        "listed models whose parents only the text of their card, files, imports or inference name",
    ),
    Column("listed_with_known_card", "BIGINT", "listed models whose card was asked for as it is today"),
    Column("listed_with_known_files", "BIGINT", "listed models whose weight files were asked for as they are today"),
    Column(
        "growth_months", "VARCHAR[]", "the months in which models were made; the lists below have a number for each"
    ),
    Column("growth_models", "BIGINT[]", "models made in the month"),
    Column("growth_gone", "BIGINT[]", "of these: gone"),
    Column("growth_derived", "BIGINT[]", "of these: with a parent"),
    Column("growth_copies", "BIGINT[]", "of these: unchanged copies"),
    Column("growth_finetunes", "BIGINT[]", "of these: fine-tuned"),
    Column("growth_adapters", "BIGINT[]", "of these: adapters"),
    Column("growth_quantized", "BIGINT[]", "of these: quantized"),
    Column("growth_merges", "BIGINT[]", "of these: merged"),
    Column("growth_unknown", "BIGINT[]", "of these: derived in an unknown way"),
)

CRAWL = (*STANDING, *FROM_MANIFEST, *PROFILE, *_LOADING)

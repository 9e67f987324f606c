"""Which fields the Hub gives, where."""

LISTED = frozenset(
    {
        "author",
        "baseModels",
        "cardData",
        "config",
        "createdAt",
        "disabled",
        "downloads",
        "downloadsAllTime",
        "evalResults",
        "gated",
        "gguf",
        "inference",
        "inferenceProviderMapping",
        "lastModified",
        "library_name",
        "likes",
        "mask_token",
        "model-index",
        "pipeline_tag",
        "private",
        "resourceGroup",
        "safetensors",
        "sha",
        "siblings",
        "spaces",
        "tags",
        "transformersInfo",
        "trendingScore",
        "widgetData",
        "xetEnabled",
    }
)
DETAILED = LISTED | {"childrenModelCount", "usedStorage"}
LISTED_OF_DATASETS = frozenset(
    {
        "author",
        "cardData",
        "citation",
        "createdAt",
        "description",
        "disabled",
        "downloads",
        "downloadsAllTime",
        "gated",
        "lastModified",
        "likes",
        "mainSize",
        "paperswithcode_id",
        "private",
        "resourceGroup",
        "sha",
        "siblings",
        "tags",
        "trendingScore",
        "usedStorage",
    }
)
# By the listing: what `expand` may name in it, and in the answer about one repository.
VALID = {"models": (LISTED, DETAILED), "datasets": (LISTED_OF_DATASETS, LISTED_OF_DATASETS)}
ALWAYS = ("_id", "id")
# What stands in an answer that asks for it, also where a model has none.
NEVER_ABSENT: dict[str, list[object]] = {"inferenceProviderMapping": []}
DEFAULT = (
    "likes",
    "trendingScore",
    "private",
    "downloads",
    "tags",
    "pipeline_tag",
    "library_name",
    "createdAt",
    "modelId",
)

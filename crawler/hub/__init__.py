"""The walk over the Hub's model list, and the archive of its pages."""

import os

# Before huggingface_hub is imported. Else the first request of a process asks for a list that only telemetry needs, and
# the crawl's rate is for the crawl.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

"""The values of an answer: what a query returns, as JSON can hold it and as text."""

import json
from datetime import datetime
from typing import Any


def plain(value: Any) -> Any:
    """A time of the driver as ISO 8601 text: the only type in an answer that JSON cannot encode."""
    import neo4j.time  # noqa: PLC0415  # the driver is half of the time to start, and the list of queries needs none

    if isinstance(value, neo4j.time.DateTime):
        value = value.to_native()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, neo4j.time.Date | neo4j.time.Time):
        return value.iso_format()
    raise TypeError(f"no saved query returns a {type(value).__name__}")


def to_the_second(value: Any) -> Any:
    """A time without what is below a second, which nobody reads; anything else as it is."""
    return value.replace(nanosecond=0) if hasattr(value, "nanosecond") else value


def cell(value: Any) -> str:
    """A single value, exactly, as text: null as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | int | float) else str(plain(value))

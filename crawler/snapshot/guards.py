"""Safety checks on lineage: fields that disappear from the Hub's answers, and links that disappear in bulk.

One card that lost its parent is an edit; a thousand in one night mean that the Hub's answer has changed. What a check
does not believe stays as it was, and a warning says so.
"""

from dataclasses import dataclass

import duckdb

from crawler.crawl_warnings import CrawlWarning
from crawler.manifests import CrawlManifest, SnapshotManifest
from crawler.records.used import EXPAND
from crawler.snapshot.columns import read_from
from crawler.snapshot.database import make_table, number

# So few are believed on any Hub, however large their share is: on a small one, a single edit is a large share.
ALWAYS_BELIEVED = 5

# The source of the declarations that come from a field.
SOURCE_OF_FIELD = {"baseModels": "hub", "tags": "tag", "cardData": "card", "config": "adapter_config"}


# Fields that fall without a fault: a provider that leaves takes thousands of models with it, and no lineage is read from them.
_UNSTEADY = {"inferenceProviderMapping"}


@dataclass(frozen=True)
class Fall:
    """A field that far fewer records carry than the last time: its shares of the same models, then and now."""

    field: str
    before: float
    now: float

    @property
    def warning(self) -> CrawlWarning:
        """What is said of it."""
        return CrawlWarning.of("field_fell", field=self.field, before=self.before, now=self.now)


def fill_rates(db: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Field → the share of the records of this crawl that carry it."""
    counts = ", ".join(f"count(*) FILTER (fields & {_bit(name)} <> 0)" for name in EXPAND)
    found = db.execute(f"SELECT count(*), {counts} FROM seen").fetchone()  # noqa: S608  # numbers
    assert found is not None  # noqa: S101  # an aggregate has a row
    seen, *carrying = found
    return {name: round(count / seen, 6) for name, count in zip(EXPAND, carrying, strict=True)} if seen else {}


def align_fields(db: duckdb.DuckDBPyConnection, before: SnapshotManifest | None) -> None:
    """Give `old_models.fields` this version's order of fields, where another version wrote them."""
    if before is None or before.fields == EXPAND:
        return
    moved = [
        f"CASE WHEN fields & {1 << old} <> 0 THEN {1 << EXPAND.index(name)} ELSE 0 END"
        for old, name in enumerate(before.fields)
        if name in EXPAND
    ]
    make_table(db, "old_models")
    db.execute(f"UPDATE old_models SET fields = {' + '.join(moved) or 'NULL'}")  # noqa: S608  # numbers


def fallen_fields(
    db: duckdb.DuckDBPyConnection, crawl: CrawlManifest, before: SnapshotManifest | None
) -> tuple[Fall, ...]:
    """The fields that fell by more than `sweep.max_fill_drop` among the models of `seen` that were listed before.

    The same models are compared: a field that new models lack has not fallen.
    """
    compared = [name for name in EXPAND if before is not None and name in before.fields and name not in _UNSTEADY]
    if not compared or crawl.accept_withdrawn:
        return ()
    counts = ", ".join(
        f"count(*) FILTER (o.fields & {_bit(name)} <> 0), count(*) FILTER (s.fields & {_bit(name)} <> 0)"
        for name in compared
    )
    found = db.execute(
        f"SELECT count(*), {counts} FROM seen s JOIN old_models o USING (key) WHERE o.fields IS NOT NULL"  # noqa: S608  # numbers
    ).fetchone()
    assert found is not None  # noqa: S101  # an aggregate has a row
    models, *pairs = found
    return tuple(
        Fall(name, had / models, has / models)
        for name, had, has in zip(compared, pairs[::2], pairs[1::2], strict=True)
        if had - has > max(ALWAYS_BELIEVED, crawl.max_fill_drop * had)
    )


def keep_fallen(db: duckdb.DuckDBPyConnection, falls: tuple[Fall, ...]) -> None:
    """Give the records of `seen` back what the snapshot before knew from the fields that fell.

    A record that still carries the field is taken as it is.
    """
    if falls:
        make_table(db, "seen")
    for fall in falls:
        bit = _bit(fall.field)
        db.execute(
            "CREATE OR REPLACE TEMP TABLE lost AS SELECT s.key, s.page, s.place FROM seen s JOIN old_models o USING (key)"  # noqa: S608  # numbers
            f" WHERE o.fields & {bit} <> 0 AND s.fields & {bit} = 0"
        )
        kept = [
            f'"{column.name}" = {f"epoch_ms(o.{column.name})" if column.is_time else f"o.{column.name}"}'
            for column in read_from(fall.field)
        ]
        # The bit stays too: tomorrow's answer is compared with what is known, not with today's.
        kept.append(f"fields = seen.fields | {bit}")
        db.execute(
            f"UPDATE seen SET {', '.join(kept)} FROM old_models o JOIN lost l ON l.key = o.key WHERE seen.key = o.key"  # noqa: S608  # our own names
        )
        if source := SOURCE_OF_FIELD.get(fall.field):
            db.execute(
                "INSERT INTO page_declared BY NAME SELECT o.*, l.page, l.place"
                " FROM old_declared o JOIN lost l ON l.key = o.child WHERE o.source = $source",
                {"source": source},
            )


def _bit(field: str) -> int:
    return 1 << EXPAND.index(field)


@dataclass(frozen=True)
class Withdrawal:
    """The decision about the rows of the table `ending`: whether they are withdrawn; where refused, why."""

    accepted: bool
    refused_because: CrawlWarning | None = None


def decide_withdrawal(db: duckdb.DuckDBPyConnection, crawl: CrawlManifest, falls: tuple[Fall, ...]) -> Withdrawal:
    """Decide whether the declared links of `ending` are withdrawn. Others follow rules, files or findings, not the records.

    Where a field fell, none is: its warning says so.
    """
    if falls:
        return Withdrawal(accepted=False)
    ending = number(db, "SELECT count(*) FROM ending WHERE list_has_any(sources, getvariable('declared_sources'))")
    current = number(
        db,
        "SELECT count(*) FROM past p JOIN real c ON c.key = p.child"
        " WHERE p.status = 'current' AND c.status = 'listed' AND list_has_any(p.sources, getvariable('declared_sources'))",
    )
    limit = crawl.max_withdrawn_share
    if crawl.accept_withdrawn or ending <= max(ALWAYS_BELIEVED, limit * current):
        return Withdrawal(accepted=True)
    refused = CrawlWarning.of("withdrawn_share", withdrawn=ending, links=current, share=ending / current, limit=limit)
    return Withdrawal(accepted=False, refused_because=refused)

"""Who runs the model and its relatives, as far as the Hub says so: one row for each inference provider. Pure functions."""

from collections.abc import Iterable

from crawler.dossier.contacts import DIRECTIONS, TURNS, Asked
from crawler.dossier.form import Deployer
from crawler.dossier.rows import importance, standing


def deployers(relatives: Iterable[Asked]) -> tuple[Deployer, ...]:
    """The inference providers that serve these models: of each direction the strongest class first, then who serves most."""
    groups: dict[tuple[str, bool, str], list[Asked]] = {}
    for one in relatives:
        for provider in one.member.providers:
            groups.setdefault((one.direction, one.withdrawn, provider), []).append(one)
    return tuple(sorted((_deployer(provider, found) for (*_, provider), found in groups.items()), key=_order))


def _deployer(provider: str, found: list[Asked]) -> Deployer:
    models = sorted(found, key=lambda one: (one.wave, one.depth, importance(one.member)))
    first = models[0]
    return Deployer(
        provider=provider,
        direction=first.direction,
        klass=first.klass,
        link_status=standing(withdrawn=first.withdrawn),
        certainty=first.certainty,
        depth=first.depth,
        models=tuple(one.member.id for one in models),
    )


def _order(row: Deployer) -> tuple[object, ...]:
    return (
        row.link_status,
        DIRECTIONS.index(row.direction),
        list(TURNS).index(row.klass),
        -len(row.models),
        row.provider,
    )

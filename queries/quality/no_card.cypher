// Models whose repository has no card
//
// One row for each listed model without the metadata of a card, the most downloaded first, and equally used ones in the
// order of their keys. Its licence, its datasets and its parents can then stand in no card: what the graph has of them
// comes from tags, configurations or files, and what is missing may be known to its maker alone. `parents` says how many
// it has all the same. A card that is there but empty counts as a card.
//
// @param owner string default=null — only models of this owner; null: all
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the model's name
// @returns parents integer — how many other models it is derived from, though no card says so
// @returns children integer — how many other models name it as their parent
// @returns library string — the library that it is for
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — every listed model has a card, as far as was asked
// @budget 60 s
//
// :param {owner: null, limit: 25}

MATCH (m:Model)
WHERE m.has_card = false AND m.status = 'listed' AND ($owner IS NULL OR m.owner = $owner)
WITH m, coalesce(m.downloads, 0) AS used, m.key AS key ORDER BY used DESC, key // names take twice as long to sort
LIMIT toInteger(coalesce($limit, 9223372036854775807))
RETURN m.id AS id,
       COUNT { MATCH (m)-[e:DERIVED_FROM]->(p) WHERE p <> m AND e.status = 'current' } AS parents,
       COUNT { MATCH (m)<-[e:DERIVED_FROM]-(c) WHERE c <> m AND e.status = 'current' } AS children,
       m.library AS library,
       m.owner AS owner,
       m.downloads AS downloads,
       m.url AS url
ORDER BY used DESC, key;

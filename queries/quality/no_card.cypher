// Models without a card
//
// One row for each listed model whose repository has no card metadata, most downloaded first, and by key where
// downloads are equal. No card can state its licence, data sets or parents: what the graph knows of them comes from
// tags, configurations or files, and the rest may be known only to its author. `parents` counts the parents that are
// known nevertheless. A card that exists but is empty counts as a card.
//
// @param owner string default=null — only models of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns parents integer — how many other models it derives from directly, although no card says so
// @returns children integer — how many other models derive from it directly
// @returns library string — the library that loads it
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — every listed model within the given filters has a card
// @budget 60 s
//
// :param {owner: null, limit: 25}

MATCH (m:Model)
WHERE m.has_card = false AND m.status = 'listed' AND ($owner IS NULL OR m.owner = $owner)
WITH m, coalesce(m.downloads, 0) AS used, m.key AS key ORDER BY used DESC, key // sorting by name takes twice as long
LIMIT toInteger(coalesce($limit, 9223372036854775807))
RETURN m.id AS id,
       COUNT { MATCH (m)-[e:DERIVED_FROM]->(p) WHERE p <> m AND e.status = 'current' } AS parents,
       COUNT { MATCH (m)<-[e:DERIVED_FROM]-(c) WHERE c <> m AND e.status = 'current' } AS children,
       m.library AS library,
       m.owner AS owner,
       m.downloads AS downloads,
       m.url AS url
ORDER BY used DESC, key;

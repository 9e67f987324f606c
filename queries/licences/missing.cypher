// Models without a licence whose parents have one
//
// One row for each listed model that declares no licence although at least one of its direct parents does, most
// downloaded first. Without a licence nothing is granted, even if the parent's licence would allow it. The licence may
// stand in the text of the card or in a file, which the listing does not show. A model that declares `other` or
// `unknown` has a licence, if an unclear one, and is not listed here.
//
// @param owner string default=null — only models of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns parents list<string> — its parents that declare a licence
// @returns parent_licenses list<string> — the licences that they declare
// @returns relations list<string> — the kind of its link to each of them: copy, finetune, adapter, quantized, merge or unknown
// @returns has_card boolean — whether it has a model card
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — every listed model within the given filters declares a licence, or has no parent that does
// @budget 25 s
//
// :param {owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE e.status = 'current'
WITH startNode(e) AS m, endNode(e) AS p
WHERE m:Model AND m.license IS NULL AND m.status = 'listed' AND p.license IS NOT NULL AND ($owner IS NULL OR m.owner = $owner)
WITH DISTINCT m
ORDER BY coalesce(m.downloads, 0) DESC, m.id, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
WITH m, COLLECT { MATCH (m)-[e:DERIVED_FROM]->(p) WHERE e.status = 'current' AND p.license IS NOT NULL
                  RETURN [p, e.relation] ORDER BY p.id, p.key } AS parents
RETURN m.id AS id,
       [parent IN parents | parent[0].id] AS parents,
       COLLECT { UNWIND parents AS parent WITH parent[0] AS p MATCH (p)-[:LICENSED_UNDER]->(l)
                 RETURN DISTINCT l.id AS license ORDER BY license } AS parent_licenses,
       [parent IN parents | parent[1]] AS relations,
       m.has_card AS has_card,
       m.owner AS owner,
       m.downloads AS downloads,
       m.url AS url
ORDER BY coalesce(m.downloads, 0) DESC, id, m.key;

// The models that most others descend from
//
// One row for each of the thousand models with the most descendants, at any distance, the most first. Counted are
// all that descend from it by links that hold today, also those that are gone or were never listed; the model itself is
// not. Where `top_parents` counts direct children, here the first of a line stands above its copies. The figures are
// made when a crawl is loaded, and are those of the newest one.
//
// @param limit integer default=null — the most rows to return; null: all that are stored, a thousand
//
// @returns id string — the model's name
// @returns descendants integer — how many models descend from it
// @returns depth integer — how many steps the furthest of them is away, each by its shortest way
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — whether it is open (false), or asks for access: auto or manual
// @returns created_at datetime — when its repository was made
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — the graph has no model with descendants, or was loaded by an earlier version: see hub-genealogy rebuild
// @budget 0.5 s
//
// :param {limit: 25}

MATCH (f:Family {kind: 'followed'})-[:HEADED_BY]->(m:Model)
RETURN m.id AS id,
       f.size AS descendants,
       f.depth AS depth,
       m.status AS status,
       m.owner AS owner,
       m.license AS license,
       m.gated AS gated,
       m.created_at AS created_at,
       m.downloads AS downloads,
       m.url AS url
ORDER BY descendants DESC, id, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

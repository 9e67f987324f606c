// The models with the most descendants
//
// One row for each of the 1,000 models with the most descendants at any distance, those with the most first. Every
// model that descends from it by current links counts, including models that are gone or absent; the model itself does
// not. Here an original ranks above its copies; `top_parents` counts direct children only. The figures are computed
// with each crawl and describe the newest one.
//
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns descendants integer — how many models descend from it
// @returns depth integer — the number of steps to its furthest descendant, each by its shortest path
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns created_at datetime — when its repository was created
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model in the graph has descendants, or an earlier version loaded the graph: run hub-genealogy rebuild
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
       CASE m.status WHEN 'listed' THEN m.gated END AS gated,
       m.created_at AS created_at,
       m.downloads AS downloads,
       CASE m.status WHEN 'listed' THEN m.url END AS url
ORDER BY descendants DESC, status <> 'listed', status <> 'gone', coalesce(downloads, 0) DESC, id, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

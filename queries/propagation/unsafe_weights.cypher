// Descendants whose weight files can run code when they are loaded
//
// One row for each listed descendant that publishes its weights in a format that Python unpickles (pytorch, pickle,
// joblib) and not also in safetensors, nearest first. Loading such a file runs whatever code it holds. The formats come
// from the Hub's tags of today, which can lag behind the files, and no file was opened: a row says how the weights are
// packed, not that they are harmful. A model without a known format is not listed, which does not mean that it is safe.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param relations list<string> default=null — use only links of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the descendant's name
// @returns depth integer — the number of steps on the shortest path
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns downloads integer — downloads in the last 30 days
// @returns contact string — where to ask its owner: the model's discussion page
// @returns url string — its page on the Hub
// @empty — no listed descendant within the given filters is known to be published only in such a format
// @budget 10 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, relations: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
WHERE x <> m AND all(e IN relationships(p) WHERE e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
      AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
           AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
WITH at, x, min(length(p)) AS depth
WHERE depth <= coalesce($max_depth, 100)
  AND any(f IN x.weight_formats WHERE f IN ['pytorch', 'pickle', 'joblib']) AND NOT 'safetensors' IN x.weight_formats
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
RETURN x.id AS id,
       depth,
       x.weight_formats AS weight_formats,
       x.owner AS owner,
       x.license AS license,
       x.gated AS gated,
       x.downloads AS downloads,
       x.url + '/discussions' AS contact,
       x.url AS url
ORDER BY depth, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

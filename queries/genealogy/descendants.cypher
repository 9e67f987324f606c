// All descendants of a model
//
// One row for each descendant, nearest first. Paths pass through models that are gone, absent or gated; see `status`.
// What was copied stays copied, so a gone model still counts. A model is never its own descendant, even where links
// form a cycle. Links are what authors and the Hub declare. Only about two thirds of real derivations are declared, so
// a model that is missing here may still be related. Paths have at most 100 steps, more than the longest known chain.
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
// @returns relations list<string> — the kinds of the links to its own parents, of which at least one leads here
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no model within the given filters is declared to descend from it
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
RETURN x.id AS id,
       depth,
       COLLECT { MATCH (x)-[e:DERIVED_FROM]->(y)
                 WHERE y <> x AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
                   AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                        AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true))
                 RETURN DISTINCT e.relation AS relation ORDER BY relation } AS relations,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       x.license AS license,
       x.gated AS gated,
       x.downloads AS downloads,
       x.url AS url
ORDER BY depth, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

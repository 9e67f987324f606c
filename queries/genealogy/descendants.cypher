// Every model that descends from a model
//
// One row for each descendant, nearest first; `depth` is the number of steps on its shortest way back. The way leads
// through models that are gone, absent or gated as through any other: what was copied is out; see the status. A model is
// never its own descendant, not even where links run in a circle. Links are what authors and the Hub declare: about two
// of three real derivations are declared at all, so a model that is not in this answer is not thereby unrelated.
// Steps are followed up to 100 deep, which is beyond the longest chain known.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out what is further away than so many steps (at most 100)
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the descendant's name
// @returns depth integer — how many steps away it is, at the least
// @returns relations list<string> — the kinds of the steps to its own parents, of which at least one leads here
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — whether it is open (false), or asks for access: auto or manual
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no model is declared to descend from it, as far as was asked
// @budget 10 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, relations: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
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

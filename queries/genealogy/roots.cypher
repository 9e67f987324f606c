// Where a model's descent begins
//
// One row for each beginning of the model's lineage: an ancestor, or the model itself, from which no step leads to
// anything that does not lead back. As a rule that is a model that declares no parent. Where a lineage begins with
// models that derive from each other in a circle, none of them is first, and each is a row, with `on_cycle` true.
// Links of a model to itself are left out. A root is where the record ends, and not necessarily where the weights were
// first trained; one with the status absent is known by name only.
//
// @param model string required — the descendant's name on the Hub, or its key
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the root's name
// @returns depth integer — how many steps away it is, at the least; 0: the model itself
// @returns on_cycle boolean — whether it is one of a circle of models that the lineage begins with
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — whether it is open (false), or asks for access: auto or manual
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — the graph has no model of that name or key, or had none at that time
// @budget 0.5 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', relations: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
WHERE coalesce(m.first_seen <= at, true)
MATCH p = (m)-[:DERIVED_FROM*0..100]->(x:Model)
WHERE all(e IN relationships(p) WHERE e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
      AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
           AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
WITH at, x, min(length(p)) AS depth
// The nearest ancestor of x from which no way leads back to x: where there is one, x is not a beginning.
CALL (x, at) {
  MATCH p = (x)-[:DERIVED_FROM*1..100]->(y:Model)
  WHERE y <> x AND all(e IN relationships(p) WHERE e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  WITH DISTINCT x, at, y
  OPTIONAL MATCH back = shortestPath((y)-[:DERIVED_FROM*1..100]->(x))
  WHERE all(e IN relationships(back) WHERE e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  WITH back WHERE back IS NULL
  WITH back LIMIT 1
  RETURN count(*) AS above
}
WITH at, x, depth WHERE above = 0
RETURN x.id AS id,
       depth,
       EXISTS { MATCH (x)-[e:DERIVED_FROM]->(y)
                WHERE y <> x AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
                  AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                       AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) } AS on_cycle,
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

// The roots of a model's lineage
//
// One row for each root, nearest first; of the same depth, listed models before gone and absent ones, then those with
// the most children. A root is an ancestor, or the model itself, from which links lead to nothing that does not lead
// back to it. Usually that is a model that declares no parent. Where a lineage begins with models that derive from each
// other in a cycle, none of them is first; each is a row, with `on_cycle` true. A link from a model to itself does not
// count. A root is where the record ends, which need not be where the weights were first trained. An absent root is
// known by name only. A path without a withdrawn link is better than any path with one; roots that need one come after
// all others.
//
// @param model string required — the descendant's name on the Hub, or its key
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the root's name
// @returns depth integer — the number of steps on the shortest path; 0: the model itself
// @returns certainty string — the weakest evidence on that path, of several the most certain one: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred; null: the model itself
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns on_cycle boolean — whether the root is on a cycle with which the lineage begins
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — the graph has no model of that name or key, or had none at that time
// @budget 0.5 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', along: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WHERE coalesce(m.first_seen <= at, true)
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// One search for each certainty, strongest first, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, size(certainties)) AS sure
WITH m, at, certainties, withdrawn, sure, certainties[..sure] AS trusted
CALL (m, at, withdrawn, trusted) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(x:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth
}
WITH at, certainties, x, min([withdrawn, depth, sure]) AS way
// Look for an ancestor of x that does not descend from x. If there is one, x is not a root.
CALL (x, at) {
  MATCH p = (x)-[:DERIVED_FROM*1..100]->(y:Model)
  WHERE y <> x AND all(e IN relationships(p) WHERE ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH DISTINCT x, at, y
  OPTIONAL MATCH back = shortestPath((y)-[:DERIVED_FROM*1..100]->(x))
  WHERE all(e IN relationships(back) WHERE ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH back WHERE back IS NULL
  WITH back LIMIT 1
  RETURN count(*) AS above
}
WITH at, certainties, x, way WHERE above = 0
RETURN x.id AS id,
       way[1] AS depth,
       CASE WHEN way[1] > 0 THEN certainties[way[2] - 1] END AS certainty,
       CASE WHEN way[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       EXISTS { MATCH (x)-[e:DERIVED_FROM]->(y)
                WHERE y <> x AND ($along IS NULL OR e.relation IN $along)
                  AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                           ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END } AS on_cycle,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, depth, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

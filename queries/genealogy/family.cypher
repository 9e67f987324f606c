// All members of a model's family
//
// One row for each model that links connect with this one, in either direction, including the model itself; nearest
// first, then listed models, then those with the most children. The family holds ancestors, descendants and relatives:
// siblings, the other parents of a merge, their relatives and so on. `kin` tells them apart. Only ancestors and
// descendants are in a line of descent; a relative may share nothing but a distant merge. A family can be a large part
// of the Hub. `distance` counts steps up and down alike, up to 100. A path without a withdrawn link is better than any
// path with one. `kind=quantized` finds the members that are quantised copies; they keep their `kin` and `distance`.
//
// @param model string required — a member's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param kind list<string> default=null — only members that have a link of these kinds to a parent; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param status list<string> default=null — only members of these statuses: listed, gone, absent; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the member's name
// @returns kin string — itself, ancestor, descendant, both (on a cycle with the model) or relative
// @returns distance integer — the number of steps on the shortest path, in either direction
// @returns certainty string — the weakest evidence on the shortest path, of several the most certain one; for ancestors and descendants, on the shortest line of descent
// @returns link_status string — current; withdrawn: every path, for ancestors and descendants every line of descent, uses a link that its child no longer declares
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no member is within the given filters, or the graph had no such model at that time
// @budget 45 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', max_depth: 100, kind: null, along: null, status: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WHERE coalesce(m.first_seen <= at, true)
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// The certainties of the family's links, whatever the filters.
CALL (m) {
  MATCH (m)-[:DERIVED_FROM*0..100]-(x:Model)
  WITH DISTINCT x
  OPTIONAL MATCH (x)-[e:DERIVED_FROM]->()
  RETURN collect(DISTINCT e.certainty) AS found
}
// One search for each of them, strongest first, then the same with withdrawn links; without any link, one that finds
// the model itself.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND CASE found WHEN [] THEN [1] ELSE [s IN range(1, size(certainties)) WHERE certainties[s - 1] IN found] END AS sure
WITH m, at, withdrawn, sure, certainties[..sure] AS trusted
CALL (m, at, withdrawn, trusted) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS distance, 'relative' AS kin
  UNION ALL
  MATCH p = (m)-[:DERIVED_FROM*1..100]->(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS distance, 'ancestor' AS kin
  UNION ALL
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS distance, 'descendant' AS kin
}
// A way is one number, and the best way the least one: a withdrawn link counts 10,000, a step 10, the weakest certainty 1
// to 6. A family can have a million members. So nothing is kept for each but numbers: no lists, and not the model `m`.
WITH at, x, kin, CASE WHEN withdrawn THEN 10000 ELSE 0 END + 10 * distance + sure AS way
WITH at, x, min(way) AS nearest, min(CASE WHEN kin <> 'relative' THEN way END) AS line,
     max(kin = 'ancestor') AS above, max(kin = 'descendant') AS below
WITH at, x, above, below, nearest % 10000 / 10 AS distance, coalesce(line, nearest) AS best
WHERE distance <= coalesce($max_depth, 100)
      AND ($kind IS NULL OR EXISTS {
        MATCH (x)-[e:DERIVED_FROM]->(y:Model)
        WHERE y <> x AND e.relation IN $kind AND ($along IS NULL OR e.relation IN $along)
              AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                       ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                            AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
      })
WITH x, above, below, distance, best,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
WHERE $status IS NULL OR status IN $status
RETURN x.id AS id,
       CASE WHEN distance = 0 THEN 'itself' WHEN above AND below THEN 'both' WHEN above THEN 'ancestor'
            WHEN below THEN 'descendant' ELSE 'relative' END AS kin,
       distance,
       CASE WHEN distance > 0 THEN
            ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'][best % 10 - 1]
       END AS certainty,
       CASE WHEN best >= 10000 THEN 'withdrawn' ELSE 'current' END AS link_status,
       status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, distance, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

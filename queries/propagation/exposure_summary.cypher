// How far a model has spread, in numbers
//
// One row for each combination of class, link_status, status and gate among the model's descendants, with the number of
// descendants; the last row is the total. The descendants are those of `impact` and `notify`. Each is rated by its best
// path; a path is as strong as its weakest step. The classes, strongest first: same_weights (quantised, or converted to
// another format), needs_parent (an adapter), retrained (fine-tuned), mixed (merged), unclear (the kind of step is not
// declared, or the link is only inferred). Unclear does not mean safe, and a model that is missing here may still be
// related.
//
// Weights do not come back because a card was edited, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after the others.
//
// A gate keeps others from a model today; it says nothing about copies made before. A gone model may have been copied
// as well. Gates, owners and downloads are today's, whatever `as_of` says.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
//
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear; total: the row of all descendants
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares; null: the total
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed); null: the total
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: unknown, or the total
// @returns models integer — how many descendants
// @returns owners integer — how many owners publish them; a model whose name has no owner counts as one
// @returns downloads integer — the downloads of the listed ones in the last 30 days
// @returns nearest integer — the number of steps to the nearest of them, on the shortest path of its class
// @empty — no model within the given filters is declared to descend from it
// @budget 30 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: true}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
// The kinds of links below the model. A link that is only inferred is unclear, like one of unknown relation.
CALL (m, at) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  WITH DISTINCT x, at
  MATCH (x)-[e:DERIVED_FROM]->()
  RETURN collect(DISTINCT [NOT (coalesce(e.withdrawn_at > at, true)
                                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)),
                           CASE e.certainty WHEN 'inferred' THEN 'unknown' ELSE e.relation END]) AS kinds
}
// One search for each class that a path of these links can have, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, 5) AS rank
WITH m, at, withdrawn, rank, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed, kinds
WITH *, [kind IN kinds WHERE kind[0] <= withdrawn AND kind[1] IN allowed] AS used
WHERE any(kind IN used WHERE kind[0] = withdrawn) AND any(kind IN used WHERE kind[1] = allowed[-1])
CALL (m, at, withdrawn, rank, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND (rank = 5 OR e.certainty <> 'inferred')
        AND e.first_seen <= at
        AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH at, x, min([withdrawn, rank, depth]) AS best
WITH x, best, CASE WHEN $as_of IS NULL THEN x.status
                   WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
                   WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
                   ELSE 'listed' END AS status
WITH x, best[2] AS depth, status,
     [[best[0], best[1], status, x.gated], [null, null, null, null]] AS groups
UNWIND groups AS grouped
WITH grouped, grouped[1] AS rank, count(*) AS models, count(DISTINCT coalesce(x.owner, x.key)) AS owners,
     sum(CASE status WHEN 'listed' THEN coalesce(x.downloads, 0) ELSE 0 END) AS downloads, min(depth) AS nearest
RETURN coalesce(['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1], 'total') AS class,
       CASE grouped[0] WHEN true THEN 'withdrawn' WHEN false THEN 'current' END AS link_status,
       grouped[2] AS status,
       grouped[3] AS gated,
       models,
       owners,
       downloads,
       nearest
ORDER BY link_status, rank, status <> 'listed', status <> 'gone', gated;

// How far a model has spread, in numbers
//
// One row for each combination of class, certainty, link_status, status and gate among the model's descendants, with
// the number of descendants; the last row is the total. The descendants are those of `impact` and `notify`. Each is
// rated by its best path, the most certain one of its class; a path is as strong as its weakest step. The classes,
// strongest first: same_weights (a copy, quantised, or converted to another format), needs_parent (an adapter),
// retrained (fine-tuned), mixed (merged), unclear (the kind of step is not declared, or the link is only inferred).
// Unclear does not mean safe, and a model that is missing here may still be related.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after the others.
//
// A gate keeps others from a model today; it says nothing about copies made before. A gone model has no gate, and may
// have been copied as well. Gates, owners and downloads are today's, whatever `as_of` says.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
//
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear; total: the row of all descendants
// @returns certainty string — the weakest evidence on the best path: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred; null: the total
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares; null: the total
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed); null: the total
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: unknown, not listed today, or the total
// @returns models integer — how many descendants
// @returns owners integer — how many owners publish them; a model whose name has no owner counts as one
// @returns downloads integer — the downloads of the listed ones in the last 30 days
// @returns nearest integer — the number of steps to the nearest of them, on its best path
// @empty — no model within the given filters is declared to descend from it
// @budget 25 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: true}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['copy', 'quantized', 'adapter', 'finetune', 'merge', 'unknown'] AS relations,
     ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// The kinds of links below the model. A link that is only inferred is unclear, like one of unknown relation;
// a copy holds the same weights, like a quantisation.
CALL (m, at) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                                             ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                                  AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH DISTINCT x, at
  MATCH (x)-[e:DERIVED_FROM]->()
  RETURN collect(DISTINCT [CASE WHEN $as_of IS NULL THEN e.status = 'withdrawn'
                                ELSE NOT (coalesce(e.withdrawn_at > at, true)
                                     AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END,
                           CASE WHEN e.certainty = 'inferred' THEN 'unknown' WHEN e.relation = 'copy' THEN 'quantized' ELSE e.relation END, e.certainty]) AS kinds
}
// One search for each class and certainty that a path of these links can have, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, size(relations) - 1) AS rank
UNWIND range(1, size(certainties)) AS sure
WITH m, at, certainties, withdrawn, rank, sure, relations[..rank + 1] AS allowed, certainties[..sure] AS trusted, kinds
WITH *, [kind IN kinds WHERE kind[0] <= withdrawn AND kind[1] IN allowed AND kind[2] IN trusted] AS used
WHERE any(kind IN used WHERE kind[0] = withdrawn) AND any(kind IN used WHERE kind[1] = allowed[-1])
  AND any(kind IN used WHERE kind[2] = trusted[-1])
CALL (m, at, withdrawn, allowed, trusted) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth
}
WITH at, certainties, x, min([withdrawn, rank, sure, depth]) AS best
WITH certainties, x, best,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
WITH certainties, x, best[3] AS depth, status,
     [best[..3] + [status, CASE x.status WHEN 'listed' THEN x.gated END], [null, null, null, null, null]] AS groups
UNWIND groups AS grouped
WITH certainties, grouped, grouped[1] AS rank, grouped[2] AS sure,
     count(*) AS models, count(DISTINCT coalesce(x.owner, x.key)) AS owners,
     sum(CASE status WHEN 'listed' THEN coalesce(x.downloads, 0) ELSE 0 END) AS downloads, min(depth) AS nearest
RETURN coalesce(['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1], 'total') AS class,
       certainties[sure - 1] AS certainty,
       CASE grouped[0] WHEN true THEN 'withdrawn' WHEN false THEN 'current' END AS link_status,
       grouped[3] AS status,
       grouped[4] AS gated,
       models,
       owners,
       downloads,
       nearest
ORDER BY link_status, rank, sure, status <> 'listed', status <> 'gone', gated;

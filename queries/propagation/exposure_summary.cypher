// How far a model has spread, in numbers
//
// One row for each combination of class, status and gate among the model's descendants, with the number of descendants.
// Each descendant is rated by its best path; a path is as strong as its weakest step. The classes, strongest first:
// same_weights (quantised, or converted to another format), needs_parent (an adapter), retrained (fine-tuned), mixed
// (merged), unclear (the kind of step is not declared, or the link is only inferred). Unclear does not mean safe, and a
// model that is missing here may still be related.
//
// A gate keeps others from a model today; it says nothing about copies made before. A gone model may have been copied
// as well. Gates, owners and downloads are today's, whatever `as_of` says.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
//
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: unknown
// @returns models integer — how many descendants
// @returns owners integer — how many owners publish them
// @returns downloads integer — their downloads in the last 30 days
// @returns nearest integer — the number of steps to the nearest of them, on its best path
// @empty — no model within the given filters is declared to descend from it
// @budget 15 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
UNWIND range(1, 5) AS rank
WITH m, at, rank, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
CALL (m, at, rank, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND (rank = 5 OR e.certainty <> 'inferred')
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH at, x, min([rank, depth]) AS best
WITH x, best, CASE WHEN $as_of IS NULL THEN x.status
                   WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
                   WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
                   ELSE 'listed' END AS status
WITH best[0] AS rank, status, x.gated AS gated, count(*) AS models, count(DISTINCT x.owner) AS owners,
     sum(coalesce(x.downloads, 0)) AS downloads, min(best[1]) AS nearest
RETURN ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1] AS class,
       status,
       gated,
       models,
       owners,
       downloads,
       nearest
ORDER BY rank, CASE status WHEN 'listed' THEN 1 WHEN 'gone' THEN 2 ELSE 3 END, gated;

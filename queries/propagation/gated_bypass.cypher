// Open models that descend from gated ones
//
// One row for each open model and each gated model from which it descends without another gated model in between: there
// the weights can be had without passing the gate. Only listed models that are not disabled are shown. Gates are
// today's, whatever `as_of` says. Each descendant is rated by its best path; a path is as strong as its weakest step.
// The classes, strongest first: same_weights (quantised, or converted to another format), needs_parent (an adapter),
// retrained (fine-tuned), mixed (merged), unclear (the kind of step is not declared, or the link is only inferred).
// Unclear does not mean safe, and a model that is missing here may still be related.
//
// An open model need not be a breach: most licences behind a gate allow it under conditions, which this query does not
// read. With same_weights, whoever was refused at the gate can get the same weights here.
//
// @param model string default=null — only descendants of this gated model: its name on the Hub, or its key; null: of any gated model
// @param relations list<string> default=null — use only links of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the open model's name
// @returns gate string — the gated model's name
// @returns gate_kind string — the gated model's gate: auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns depth integer — the number of steps on the best path
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gate_license string — the licence the gated model declares
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no open model within the given filters is declared to descend from a gated one
// @budget 60 s
//
// :param {model: 'meta-llama/Llama-2-7b-hf', relations: null, as_of: null, include_withdrawn: false, limit: null}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
CALL () {
  WITH 1 AS one WHERE $model IS NULL
  MATCH (m:Model)<-[:DERIVED_FROM]-(:Model) WHERE m.gated IN ['auto', 'manual']
  RETURN DISTINCT m
  UNION ALL
  WITH 1 AS one WHERE $model IS NOT NULL
  MATCH (m:Model) WHERE m.id = $model OR m.key = $model
  WITH m
  ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
  WITH m WHERE m.gated IN ['auto', 'manual']
  RETURN m
}
UNWIND range(1, 5) AS rank
WITH m, at, rank, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
CALL (m, at, rank, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND (rank = 5 OR e.certainty <> 'inferred')
        AND NOT coalesce(startNode(e).gated IN ['auto', 'manual'], false)
        AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH at, m, x, min([rank, depth]) AS best
WHERE x.gated = 'false' AND NOT coalesce(x.disabled, false)
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
RETURN x.id AS id,
       m.id AS gate,
       m.gated AS gate_kind,
       ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][best[0] - 1] AS class,
       best[1] AS depth,
       x.owner AS owner,
       x.license AS license,
       m.license AS gate_license,
       x.downloads AS downloads,
       x.url AS url
ORDER BY gate, m.key, best, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

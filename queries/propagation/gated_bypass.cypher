// Open models that descend from gated ones
//
// One row for each open model and each gated one that it descends from with nothing gated in between: there the gate was
// walked around. Only listed models that are not switched off are shown; the gates are today's, whatever `as_of` says.
// The class is that of the way back whose weakest step is strongest, in this order: same_weights (quantised, or another
// format), needs_parent (an adapter), retrained (fine-tuned), mixed (merged), unclear (derived, but not said how, or
// inferred and not declared). Unclear is not safe, and a model that is not here is not thereby unrelated.
// That a model is open need not be wrong: most licences behind a gate allow it under conditions, which this answer does
// not read. With same_weights whoever was refused at the gate finds the same weights here.
//
// @param model string default=null — only what descends from this gated model: its name on the Hub, or its key; null: from any
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the open model's name
// @returns gate string — the name of the gated model that it descends from
// @returns gate_kind string — auto (granted to whoever asks) or manual (granted by its owner)
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns depth integer — how many steps lie between them on the strongest way
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gate_license string — the licence that the gated model declares
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no open model is declared to descend from a gated one, as far as was asked
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
  ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
  WITH m WHERE m.gated IN ['auto', 'manual']
  RETURN m
}
UNWIND range(1, 5) AS rank
WITH m, at, rank, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
CALL (m, at, rank, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND (rank = 5 OR e.sources <> ['inferred'])
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

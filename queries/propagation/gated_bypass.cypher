// Open models that descend from gated ones
//
// One row for each open model and each gated model from which it descends without another gated model in between: there
// the weights can be had without passing the gate. Only listed models that are not disabled are shown. Gates are
// today's, whatever `as_of` says. Each descendant is rated by its best path; a path is as strong as its weakest step.
// The classes, strongest first: same_weights (a copy, quantised, or converted to another format), needs_parent (an
// adapter), retrained (fine-tuned), mixed (merged), unclear (the kind of step is not declared, or the link is only
// inferred). Unclear does not mean safe, and a model that is missing here may still be related. Among the paths of its
// class, the best one is the most certain one, and among equals the shortest. The strongest class comes first, in it
// the nearest models, then those with the most children.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// An open model need not be a breach: most licences behind a gate allow it under conditions, which this query does not
// read. With same_weights, whoever was refused at the gate can get the same weights here.
//
// @param model string default=null — only descendants of this gated model: its name on the Hub, or its key; null: of any gated model
// @param kind list<string> default=null — only descendants whose own link to the gated model or to another descendant is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the open model's name
// @returns gate string — the gated model's name
// @returns gate_kind string — the gated model's gate: auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns certainty string — the weakest evidence on the best path: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns depth integer — the number of steps on the best path
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gate_license string — the licence the gated model declares
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no open model within the given filters is declared to descend from a model that is gated today
// @budget 60 s
//
// :param {model: 'meta-llama/Llama-2-7b-hf', kind: null, along: null, as_of: null, include_withdrawn: true, limit: null}

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
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// The kinds of links below the gate. A link that is only inferred is unclear, like one of unknown relation;
// a copy holds the same weights, like a quantisation.
CALL (m, at) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE NOT coalesce(startNode(e).gated IN ['auto', 'manual'], false)
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
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
WITH m, at, certainties, kinds WHERE size(kinds) > 0
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, 5) AS rank
UNWIND range(1, size(certainties)) AS sure
WITH *, ['copy', 'quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank + 1] AS allowed, certainties[..sure] AS trusted
WITH *, [kind IN kinds WHERE kind[0] <= withdrawn AND kind[1] IN allowed AND kind[2] IN trusted] AS used
WHERE any(kind IN used WHERE kind[0] = withdrawn) AND any(kind IN used WHERE kind[1] = allowed[-1])
  AND any(kind IN used WHERE kind[2] = trusted[-1])
CALL (m, at, withdrawn, allowed, trusted) {
  WITH m, at, withdrawn, allowed, trusted WHERE $kind IS NULL
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
        AND NOT coalesce(startNode(e).gated IN ['auto', 'manual'], false)
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth
  UNION ALL
  // By a link of these kinds from a model y that is the gated one or a descendant.
  WITH m, at, withdrawn, allowed, trusted WHERE $kind IS NOT NULL
  MATCH p = (m)<-[:DERIVED_FROM*0..99]-(y:Model)
  WHERE all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
        AND NOT coalesce(startNode(e).gated IN ['auto', 'manual'], false)
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH m, at, withdrawn, allowed, trusted, y, min(length(p)) AS above
  MATCH (x:Model)-[e:DERIVED_FROM]->(y)
  WHERE x <> m AND x <> y AND e.relation IN allowed AND e.certainty IN trusted AND e.relation IN $kind
    AND ($along IS NULL OR e.relation IN $along)
    AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
             ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                  AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
  RETURN x, min(above + 1) AS depth
}
WITH at, certainties, m, x, min([withdrawn, rank, sure, depth]) AS best
WHERE x.gated = 'false' AND NOT coalesce(x.disabled, false)
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
WITH certainties, m, x, best, best[1] AS rank
RETURN x.id AS id,
       m.id AS gate,
       m.gated AS gate_kind,
       ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1] AS class,
       certainties[best[2] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       best[3] AS depth,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       m.license AS gate_license,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, rank, depth, children DESC, coalesce(downloads, 0) DESC, id, gate, x.key, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

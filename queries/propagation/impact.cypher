// What of a model lives on in each of its descendants
//
// One row for each descendant, the strongest class first. The class is that of the way back whose weakest step is
// strongest, in this order: same_weights (quantised, or another format), needs_parent (an adapter), retrained (fine-
// tuned), mixed (merged), unclear (derived, but not said how, or inferred and not declared). Unclear is not safe, and a
// model that is not here is not thereby unrelated.
// Among the ways of that class the surest counts, and of those the shortest: `certainty` is the weakest evidence on it,
// from declared_by_hub (the Hub's own base models) and declared_by_author (tags, card) to observed_in_files (the
// adapter's configuration, or a kind of step that was read from files) and inferred. Both are orders, and no
// probabilities. Class, certainty and depth are there for every descendant; the way itself is searched for as many rows
// as `paths` says, from the first on, and is null below: 500 take little more time, all of a family of 30,000 take ten
// times as long as the rest of the answer. No limit cuts it. The way leads through models that are gone, absent or gated
// as through any other.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param paths integer default=500 — for how many rows, from the first on, the way is shown; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the descendant's name
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns certainty string — the weakest evidence on the way: declared_by_hub, declared_by_author, observed_in_files or inferred
// @returns depth integer — how many steps that way has
// @returns path list<string> — that way, by the models' names, from the descendant to the model asked for; null beyond `paths` rows
// @returns steps list<string> — the kinds of its steps, in the same order
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — whether it is open (false), or asks for access: auto or manual
// @returns downloads integer — downloads in the last 30 days
// @returns contact string — where its owner can be asked: the model's discussion page
// @returns url string — its page on the Hub
// @empty — no model is declared to descend from it, as far as was asked
// @budget 60 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', paths: 500, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
// The kinds of links below the model, as places in the order of classes and of certainties; evidence that is inferred alone
// makes any step unclear.
CALL (m, at) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  WITH DISTINCT x
  MATCH (x)-[e:DERIVED_FROM]->()
  WITH DISTINCT e.relation AS relation, e.sources AS sources
  WITH relation, CASE WHEN 'inferred' IN sources THEN CASE size(sources) WHEN 1 THEN 4 ELSE 3 END
                      WHEN 'hub' IN sources THEN 1 WHEN 'tag' IN sources OR 'card' IN sources THEN 2
                      WHEN 'adapter_config' IN sources THEN 3 ELSE 4 END AS sure
  RETURN collect([CASE WHEN sure = 4 THEN 5 WHEN relation = 'quantized' THEN 1 WHEN relation = 'adapter' THEN 2
                       WHEN relation = 'finetune' THEN 3 WHEN relation = 'merge' THEN 4 ELSE 5 END, sure]) AS kinds
}
// One search for each class and certainty that a way through these links can come to.
UNWIND [r IN range(1, 5) WHERE any(kind IN kinds WHERE kind[0] = r)] AS rank
UNWIND [s IN range(1, 4) WHERE any(kind IN kinds WHERE kind[0] <= rank AND kind[1] = s)] AS sure
WITH m, at, rank, sure, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
CALL (m, at, rank, sure, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed
        AND CASE WHEN 'inferred' IN e.sources THEN CASE size(e.sources) WHEN 1 THEN 4 ELSE 3 END
                 WHEN 'hub' IN e.sources THEN 1 WHEN 'tag' IN e.sources OR 'card' IN e.sources THEN 2
                 WHEN 'adapter_config' IN e.sources THEN 3 ELSE 4 END <= sure
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH m, at, x, min([rank, sure, depth]) AS best
ORDER BY best, x.id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
WITH m, at, collect([x, best]) AS found
UNWIND range(0, size(found) - 1) AS place
WITH m, at, place, found[place][0] AS x, found[place][1][0] AS rank, found[place][1][1] AS sure, found[place][1][2] AS depth
OPTIONAL CALL (m, at, place, x, rank, sure) {
  WITH *, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
  WHERE place < coalesce($paths, 9223372036854775807)
  MATCH p = shortestPath((x)-[:DERIVED_FROM*1..100]->(m))
  WHERE all(e IN relationships(p) WHERE e.relation IN allowed
        AND CASE WHEN 'inferred' IN e.sources THEN CASE size(e.sources) WHEN 1 THEN 4 ELSE 3 END
                 WHEN 'hub' IN e.sources THEN 1 WHEN 'tag' IN e.sources OR 'card' IN e.sources THEN 2
                 WHEN 'adapter_config' IN e.sources THEN 3 ELSE 4 END <= sure
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN p
}
RETURN x.id AS id,
       ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1] AS class,
       ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'inferred'][sure - 1] AS certainty,
       depth,
       [n IN nodes(p) | n.id] AS path,
       [e IN relationships(p) | e.relation] AS steps,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       x.license AS license,
       x.gated AS gated,
       x.downloads AS downloads,
       x.url + '/discussions' AS contact,
       x.url AS url
ORDER BY place;

// The models trained on a data set, and their descendants
//
// One row for each model that names the data set, at depth 0, and for each descendant of such a model; strongest class
// first. `root` is the model at the end of the best path. Each descendant is rated by its best path; a path is as
// strong as its weakest step. The classes, strongest first: same_weights (quantised, or converted to another format),
// needs_parent (an adapter), retrained (fine-tuned), mixed (merged), unclear (the kind of step is not declared, or the
// link is only inferred). Unclear does not mean safe, and a model that is missing here may still be related.
//
// Only what a card or a tag names is known: a model may have been trained on the data set without naming it. A
// descendant that names the data set itself is at depth 0. The data sets that a model names are today's, whatever
// `as_of` says; a model that no crawl had seen by then is left out.
//
// @param dataset string required — the data set's name on the Hub, in any case
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear; null: it names the data set itself
// @returns depth integer — the number of steps on the best path to `root`; 0: it names the data set itself
// @returns root string — the name of the model that names the data set
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns downloads integer — downloads in the last 30 days
// @returns contact string — where to ask its owner: the model's discussion page
// @returns url string — its page on the Hub
// @empty — no model within the given filters is known to name this data set
// @budget 15 s
//
// :param {dataset: 'HuggingFaceH4/ultrachat_200k', as_of: null, include_withdrawn: false, limit: null}

MATCH (:Dataset {id_lower: toLower($dataset)})<-[:TRAINED_ON]-(m:Model)
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
WHERE coalesce(m.first_seen <= at, true)
CALL (m, at) {
  RETURN m AS x, 0 AS rank, 0 AS depth
  UNION ALL
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
  RETURN x, rank, depth
}
WITH at, x, min([rank, depth, m.id, m.key]) AS best
RETURN x.id AS id,
       CASE best[0] WHEN 0 THEN null ELSE ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][best[0] - 1] END AS class,
       best[1] AS depth,
       best[2] AS root,
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
ORDER BY best[0], depth, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

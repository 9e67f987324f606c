// The models trained on a data set, and their descendants
//
// One row for each model that names the data set (trained_on), at depth 0, and for each descendant of such a model;
// strongest class first. `root` is the model at the end of the best path. Each descendant is rated by its best path to
// `root`; a path is as strong as its weakest step. The other classes, strongest first: same_weights (a copy, quantised,
// or converted to another format), needs_parent (an adapter), retrained (fine-tuned), mixed (merged), unclear (the kind
// of step is not declared, or the link is only inferred). Unclear does not mean safe, and a model that is missing here
// may still be related. Among the paths of its class, the best one is the most certain one, and among equals the
// shortest. Within a class, the nearest come first, then listed models, then those with the most children.
//
// A data set whose card says that it is made from this one may hold the same data. So models that name such a data set
// count as well. `dataset` is the data set that `root` names; if it names several, the nearest one. What a data set is made
// from is known only where crawls walk the list of data sets.
//
// Only what a card or a tag names is known: a model may have been trained on the data set without naming it. A
// descendant that names the data set itself is at depth 0. Its card may be right, or a copy of its parent's card; so
// `also` gives the class in which it descends from another model that names the data set. The data sets that a model names are
// today's, whatever `as_of` says; a model that no crawl had seen by then is left out.
//
// An edited card does not change the weights, so links that a child (or a data set) no longer declares count. A path without
// such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// @param dataset string required — the data set's name on the Hub, in any case, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns class string — trained_on (it names the data set itself), same_weights, needs_parent, retrained, mixed or unclear
// @returns also string — in a row of trained_on: the class of its best path to another model that names the data set; null: it does not descend from one
// @returns certainty string — the weakest evidence on the best path to `root`: declared_by_hub, declared_by_author (also in each row of trained_on), observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns depth integer — the number of steps on the best path to `root`; 0: it names the data set itself
// @returns root string — the name of the model that names the data set, or one that is made from it
// @returns dataset string — the data set that `root` names
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model within the given filters is known to name this data set
// @budget 30 s
//
// :param {dataset: 'HuggingFaceH4/ultrachat_200k', as_of: null, include_withdrawn: true, limit: null}

MATCH (named:Dataset) WHERE named.id_lower = toLower($dataset) OR named.key = $dataset
WITH named, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
// The data set itself, and all that are made from it; then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
CALL (named, at, withdrawn) {
  MATCH p = (named)<-[:DERIVED_FROM*0..100]-(d:Dataset)
  WHERE all(e IN relationships(p) WHERE CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
            ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                 AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN d, min(length(p)) AS steps
}
WITH at, d, min([withdrawn, steps, d.id]) AS nearest
MATCH (d)<-[:TRAINED_ON]-(m:Model)
WHERE coalesce(m.first_seen <= at, true)
WITH m, at, min(nearest) AS via,
     ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
CALL (m, at, via, certainties) {
  RETURN m AS x, [via[0], 0, 2, 0, m.id, m.key, via[2]] AS way
  UNION ALL
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
  WITH m, at, certainties, kinds WHERE size(kinds) > 0
  UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
  UNWIND range(1, 5) AS rank
  UNWIND range(1, size(certainties)) AS sure
  WITH *, ['copy', 'quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank + 1] AS allowed, certainties[..sure] AS trusted
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
  RETURN x, [withdrawn OR via[0], rank, sure, depth, m.id, m.key, via[2]] AS way
}
WITH at, certainties, x, min(way) AS best, min(CASE WHEN way[1] > 0 THEN way END)[1] AS descent
WITH certainties, x, best, best[1] AS rank, descent, COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
RETURN x.id AS id,
       CASE rank WHEN 0 THEN 'trained_on'
                 ELSE ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1] END AS class,
       CASE rank WHEN 0 THEN ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][descent - 1] END AS also,
       certainties[best[2] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       best[3] AS depth,
       best[4] AS root,
       best[6] AS dataset,
       status,
       x.owner AS owner,
       children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url + '/discussions' END AS contact,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, rank, depth, status <> 'listed', status <> 'gone', children DESC,
         coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

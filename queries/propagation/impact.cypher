// How each descendant depends on a model's weights
//
// One row for each descendant, strongest class first. Each descendant is rated by its best path; a path is as strong as
// its weakest step. The classes, strongest first: same_weights (a copy, quantised, or converted to another format),
// needs_parent (an adapter), retrained (fine-tuned), mixed (merged), unclear (the kind of step is not declared, or the
// link is only inferred). Unclear does not mean safe, and a model that is missing here may still be related.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// Among the other paths of its class, a descendant's best path is the most certain one, and among equals the shortest.
// `certainty` is the weakest evidence on that path. The certainties, strongest first: declared_by_hub (the Hub's own
// base models), declared_by_author (tags, card), observed_in_files (identical weight files, the adapter's
// configuration, or a kind of step that was read from files), said_in_text (a sentence in the card), imported (somebody
// else's findings), inferred (a rule found the link). Class and certainty are ranks, not probabilities. Within a class,
// the nearest come first, then listed models, then those with the most children.
//
// Every descendant has its class, certainty and depth. The path itself is searched for the first `paths` rows only. The
// first 500 take little more time; all paths of a family of 30,000 take ten times as long as the rest of the answer.
// Paths pass through models that are gone, absent or gated.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param paths integer default=500 — show the path for this many rows, from the first on; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the descendant's name
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns certainty string — the weakest evidence on the best path: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns depth integer — the number of steps on the best path
// @returns path list<string> — the models on the best path, from the descendant to the ancestor; null beyond the first `paths` rows
// @returns steps list<string> — the kinds of its steps, in the same order
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model within the given filters is declared to descend from it
// @budget 60 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', paths: 500, as_of: null, include_withdrawn: true, limit: null}

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
WITH m, at, withdrawn, rank, sure, relations[..rank + 1] AS allowed, certainties[..sure] AS trusted, kinds
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
WITH m, at, x, min([withdrawn, rank, sure, depth]) AS best
WITH m, at, x, best[0] AS withdrawn, best[1] AS rank, best[2] AS sure, best[3] AS depth,
     COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
ORDER BY withdrawn, rank, depth, status <> 'listed', status <> 'gone', children DESC, coalesce(x.downloads, 0) DESC,
         x.id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
WITH m, at, collect([x, withdrawn, rank, sure, depth, children, status]) AS found
WITH m, at, found, ['copy', 'quantized', 'adapter', 'finetune', 'merge', 'unknown'] AS relations,
     ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
UNWIND range(0, size(found) - 1) AS position
WITH m, at, relations, certainties, position, found[position] AS row
WITH m, at, relations, certainties, position, row[0] AS x, row[1] AS withdrawn, row[2] AS rank, row[3] AS sure,
     row[4] AS depth, row[5] AS children, row[6] AS status
OPTIONAL CALL (m, at, relations, certainties, position, x, withdrawn, rank, sure) {
  WITH *, relations[..rank + 1] AS allowed, certainties[..sure] AS trusted
  WHERE position < coalesce($paths, 9223372036854775807)
  MATCH p = shortestPath((x)-[:DERIVED_FROM*1..100]->(m))
  WHERE all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN p
}
RETURN x.id AS id,
       ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][rank - 1] AS class,
       certainties[sure - 1] AS certainty,
       CASE WHEN withdrawn THEN 'withdrawn' ELSE 'current' END AS link_status,
       depth,
       [n IN nodes(p) | n.id] AS path,
       [e IN relationships(p) | e.relation] AS steps,
       status,
       x.owner AS owner,
       children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url + '/discussions' END AS contact,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, rank, depth, status <> 'listed', status <> 'gone', children DESC,
         coalesce(downloads, 0) DESC, id, x.key;

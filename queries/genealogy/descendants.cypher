// All descendants of a model
//
// One row for each descendant, nearest first; of the same depth, listed models before gone and absent ones, then those
// with the most children. Paths pass through models that are gone, absent or gated; see `status`. What was copied stays
// copied, so a gone model still counts. A model is never its own descendant, even where links form a cycle. Links are
// what authors and the Hub declare. Only about two thirds of real derivations are declared, so a model that is missing
// here may still be related. Paths have at most 100 steps, more than the longest known chain.
//
// `kind=quantized` finds the quantised copies of the model and of all its descendants; `along=quantized` finds the
// copies that are reached by quantisation alone. With both, `along` must allow the last step too. A path without a
// withdrawn link is better than any path with one, and a shorter path is better than a longer one.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param kind list<string> default=null — only descendants whose own link to the model or to another descendant is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param status list<string> default=null — only descendants of these statuses: listed, gone, absent; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param order string default="important" — important: the important rows first; name: by name alone
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the descendant's name
// @returns depth integer — the number of steps on the shortest path
// @returns relations list<string> — the kinds of its own links to the model and to other descendants
// @returns certainty string — the weakest evidence on that path, of several the most certain one: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model within the given filters is declared to descend from it
// @budget 25 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, kind: null, along: null, status: null, as_of: null, include_withdrawn: false, order: 'important', limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// The certainties of the links below the model, whatever the filters.
CALL (m) {
  MATCH (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WITH DISTINCT x
  MATCH (x)-[e:DERIVED_FROM]->()
  RETURN collect(DISTINCT e.certainty) AS found
}
// One search for each of them, strongest first, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND [s IN range(1, size(certainties)) WHERE certainties[s - 1] IN found] AS sure
WITH m, at, certainties, withdrawn, sure, certainties[..sure] AS trusted
CALL (m, at, withdrawn, trusted) {
  MATCH p = (m)<-[:DERIVED_FROM*0..99]-(y:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN y, min(length(p)) AS above
}
WITH m, at, certainties, withdrawn, y, min([above, sure]) AS way
// The last step, which has the kind that was asked for.
MATCH (y)<-[e:DERIVED_FROM]-(x:Model)
WHERE x <> m AND x <> y AND ($kind IS NULL OR e.relation IN $kind)
  AND ($along IS NULL OR e.relation IN $along)
  AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
           ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
WITH at, certainties, x, collect(DISTINCT e.relation) AS relations,
     min([withdrawn, way[0] + 1,
          last([s IN range(1, size(certainties)) WHERE s = way[1] OR certainties[s - 1] = e.certainty])]) AS best
WHERE best[1] <= coalesce($max_depth, 100)
WITH x, relations, certainties, best,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
WHERE $status IS NULL OR status IN $status
RETURN x.id AS id,
       best[1] AS depth,
       COLLECT { UNWIND relations AS relation RETURN relation ORDER BY relation } AS relations,
       certainties[best[2] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY CASE $order WHEN 'name' THEN id END, link_status, depth, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

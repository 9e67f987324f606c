// Descendants whose weight files can run code when they are loaded
//
// One row for each listed descendant that publishes its weights in a format that Python unpickles (pytorch, pickle,
// joblib) and not also in safetensors, nearest first, and at the same depth those with the most children. Loading such
// a file runs whatever code it holds. The formats come from the Hub's tags of today, which can lag behind the files,
// and no file was opened: a row says how the weights are packed, not that they are harmful. A model without a known
// format is not listed, which does not mean that it is safe.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param kind list<string> default=null — only descendants whose own link to the ancestor or to another descendant is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the descendant's name
// @returns depth integer — the number of steps on the shortest path
// @returns certainty string — the weakest evidence on that path, of several the most certain one: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no listed descendant within the given filters is known to be published only in such a format; descendants without a known format are not listed
// @budget 20 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, kind: null, along: null, as_of: null, include_withdrawn: true, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// The links below the model: withdrawn or not, and how certain.
CALL (m, at) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH DISTINCT x, at
  MATCH (x)-[e:DERIVED_FROM]->()
  RETURN collect(DISTINCT [CASE WHEN $as_of IS NULL THEN e.status = 'withdrawn'
                                ELSE NOT (coalesce(e.withdrawn_at > at, true)
                                     AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END, e.certainty]) AS kinds
}
// One search for each certainty that a path of these links can have, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, size(certainties)) AS sure
WITH m, at, certainties, withdrawn, sure, certainties[..sure] AS trusted, kinds
WITH *, [kind IN kinds WHERE kind[0] <= withdrawn AND kind[1] IN trusted] AS used
WHERE any(kind IN used WHERE kind[0] = withdrawn) AND any(kind IN used WHERE kind[1] = trusted[-1])
CALL (m, at, withdrawn, trusted) {
  WITH m, at, withdrawn, trusted WHERE $kind IS NULL
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth
  UNION ALL
  // By a link of these kinds from a model y that is the ancestor or a descendant.
  WITH m, at, withdrawn, trusted WHERE $kind IS NOT NULL
  MATCH p = (m)<-[:DERIVED_FROM*0..99]-(y:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH m, at, withdrawn, trusted, y, min(length(p)) AS above
  MATCH (x:Model)-[e:DERIVED_FROM]->(y)
  WHERE x <> m AND x <> y AND e.certainty IN trusted AND e.relation IN $kind
    AND ($along IS NULL OR e.relation IN $along)
    AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
             ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                  AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
  RETURN x, min(above + 1) AS depth
}
WITH at, certainties, x, min([withdrawn, depth, sure]) AS best
WHERE best[1] <= coalesce($max_depth, 100)
  AND any(f IN x.weight_formats WHERE f IN ['pytorch', 'pickle', 'joblib']) AND NOT 'safetensors' IN x.weight_formats
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
RETURN x.id AS id,
       best[1] AS depth,
       certainties[best[2] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       x.weight_formats AS weight_formats,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url + '/discussions' END AS contact,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, depth, children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

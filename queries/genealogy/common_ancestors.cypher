// The common ancestors of two models
//
// One row for each model that both descend from, with its distance from each of the two; nearest first, then listed
// models before gone and absent ones, then those with the most children. If one of the two descends from the other, the
// other is itself a row, at depth 0. A distant common ancestor says little, so the first rows matter most. No row means
// that no declared link within 100 steps upwards connects the two; they may still have descendants in common. A path
// without a withdrawn link is better than any path with one; rows that need one come after all others.
//
// @param model string required — a model's name on the Hub, or its key
// @param other string required — the other model's name on the Hub, or its key
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the common ancestor's name
// @returns depth integer — the number of steps on the shortest path from `model`
// @returns other_depth integer — the number of steps on the shortest path from `other`
// @returns certainty string — the weakest evidence on these two paths, of several the most certain ones: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: from one of the two, every path uses a link that its child no longer declares
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — they have no declared ancestor in common within the given filters, or are the same model
// @budget 1 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', other: 'mlabonne/NeuralBeagle14-7B', along: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH (o:Model) WHERE o.id = $other OR o.key = $other
WITH m, o, at
ORDER BY o.key = $other DESC, o.status <> 'listed', o.status <> 'gone', o.key DESC LIMIT 1
WITH m, o, at WHERE m <> o
WITH m, o, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
// One search for each certainty, strongest first, then the same with withdrawn links.
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
UNWIND range(1, size(certainties)) AS sure
WITH m, o, at, certainties, withdrawn, sure, certainties[..sure] AS trusted
CALL (m, o, at, withdrawn, trusted) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(x:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth, null AS other_depth
  UNION ALL
  MATCH p = (o)-[:DERIVED_FROM*0..100]->(x:Model)
  WHERE all(e IN relationships(p) WHERE e.certainty IN trusted
        AND ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, null AS depth, min(length(p)) AS other_depth
}
WITH at, certainties, x, min(CASE WHEN depth IS NOT NULL THEN [withdrawn, depth, sure] END) AS way,
     min(CASE WHEN other_depth IS NOT NULL THEN [withdrawn, other_depth, sure] END) AS other_way
WHERE way IS NOT NULL AND other_way IS NOT NULL
RETURN x.id AS id,
       way[1] AS depth,
       other_way[1] AS other_depth,
       certainties[CASE WHEN way[2] > other_way[2] THEN way[2] ELSE other_way[2] END - 1] AS certainty,
       CASE WHEN way[0] OR other_way[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, depth + other_depth, depth, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

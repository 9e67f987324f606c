// All models that hold the same weights as a model
//
// One row for each model that only copies, quantisations and changes of format connect with this one, nearest first:
// the models it is a copy of (original), the copies of it (copy), and other copies of the same original (sibling). As
// far as is declared or seen in files, they hold the same weights, as they are or in another precision or format. A
// repository that declares several quantised models is a copy of each. Adapters run on their parent's weights but hold
// none of them; `impact` shows them. Inferred links are not followed; in `impact` they make the class unclear. At the
// same distance, listed models come first, then those with the most children.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Models to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// @param model string required — the model's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the name of a model with the same weights
// @returns key string — its key in the graph: the Hub's own id, which stays the same when the name changes
// @returns role string — original (the model descends from it), copy (it descends from the model) or sibling (a copy of the same original)
// @returns certainty string — the weakest evidence on the most certain path: declared_by_hub, declared_by_author, observed_in_files, said_in_text or imported
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns distance integer — the number of steps on the most certain path, up and down together
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model within the given filters is known to hold the same weights
// @budget 2 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', as_of: null, include_withdrawn: true, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported'] AS certainties
// Which links connect copies of the same weights: withdrawn or not, and how certain.
CALL (m, at, certainties) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(o:Model)
  WHERE all(e IN relationships(p) WHERE e.relation IN ['copy', 'quantized'] AND e.certainty IN certainties
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH DISTINCT o, at, certainties
  MATCH p = (o)<-[:DERIVED_FROM*0..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE e.relation IN ['copy', 'quantized'] AND e.certainty IN certainties
        AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  WITH DISTINCT x, at
  MATCH (x)-[e:DERIVED_FROM]->() WHERE e.relation IN ['copy', 'quantized']
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
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(o:Model)
  WHERE all(e IN relationships(p) WHERE e.relation IN ['copy', 'quantized'] AND e.certainty IN trusted
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN o, min(length(p)) AS up
}
CALL (m, o, at, withdrawn, trusted) {
  MATCH p = (o)<-[:DERIVED_FROM*0..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN ['copy', 'quantized'] AND e.certainty IN trusted
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS down
}
WITH at, certainties, x, min([withdrawn, sure, up + down]) AS best,
     min([withdrawn, CASE WHEN down = 0 THEN 0 WHEN up = 0 THEN 1 ELSE 2 END]) AS role
WITH certainties, x, best, role, COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
RETURN x.id AS id,
       x.key AS key,
       ['original', 'copy', 'sibling'][role[1]] AS role,
       certainties[best[1] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       best[2] AS distance,
       x.weight_formats AS weight_formats,
       status,
       x.owner AS owner,
       children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url + '/discussions' END AS contact,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, distance, status <> 'listed', status <> 'gone', children DESC,
         coalesce(downloads, 0) DESC, id, key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

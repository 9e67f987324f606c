// All models that hold the same weights as a model
//
// One row for each model that only quantisations and changes of format connect with this one, nearest first: the models
// it is a copy of (original), the copies of it (copy), and other copies of the same original (sibling). As far as is
// declared, they hold the same weights in another precision or format. A repository that declares several quantised
// models is a copy of each. Adapters run on their parent's weights but hold none of them; `impact` shows them. Inferred
// links are not followed; in `impact` they make the class unclear.
//
// @param model string required — the model's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the name of a model with the same weights
// @returns role string — original (the model descends from it), copy (it descends from the model) or sibling (a copy of the same original)
// @returns certainty string — the weakest evidence on the most certain path: declared_by_hub, declared_by_author, observed_in_files, said_in_text or imported
// @returns distance integer — the number of steps on the most certain path, up and down together
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns downloads integer — downloads in the last 30 days
// @returns contact string — where to ask its owner: the model's discussion page
// @returns url string — its page on the Hub
// @empty — no model within the given filters is declared to hold the same weights
// @budget 2 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported'] AS certainties
UNWIND range(1, size(certainties)) AS sure
WITH m, at, certainties, sure, certainties[..sure] AS trusted
CALL (m, at, trusted) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(o:Model)
  WHERE all(e IN relationships(p) WHERE e.relation = 'quantized' AND e.certainty IN trusted
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN o, min(length(p)) AS up
}
CALL (m, o, at, trusted) {
  MATCH p = (o)<-[:DERIVED_FROM*0..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation = 'quantized' AND e.certainty IN trusted
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS down
}
WITH at, certainties, x, min([sure, up + down]) AS best, min(up) AS up, min(down) AS down
RETURN x.id AS id,
       CASE WHEN down = 0 THEN 'original' WHEN up = 0 THEN 'copy' ELSE 'sibling' END AS role,
       certainties[best[0] - 1] AS certainty,
       best[1] AS distance,
       x.weight_formats AS weight_formats,
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
ORDER BY best[1], best[0], id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

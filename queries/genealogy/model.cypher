// The record of one model
//
// One row: the model as the Hub last listed it, with its former names, the data sets it names, and how many parents and
// children it has. `parents` and `children` count direct links. A link from a model to itself does not count. Only the
// status and these two counts follow `as_of`; every other column is today's. A missing value was not declared, which
// says nothing about the model itself.
//
// @param model string required — the model's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
//
// @returns id string — its name; the last one if it is gone
// @returns key string — its key in the graph: the Hub's own id, which stays the same when the name changes
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns gone_reason string — deleted_or_private, or unknown
// @returns owner string — who publishes it
// @returns former_names list<string> — the names it had before
// @returns parents integer — how many models it derives from directly
// @returns children integer — how many models derive from it directly, including those that are gone
// @returns created_at datetime — when its repository was created
// @returns modified_at datetime — when its repository last changed
// @returns first_seen datetime — when a crawl first saw its name
// @returns listed_at datetime — when a crawl first found it listed
// @returns gone_at datetime — when a crawl first found it missing
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns likes integer — its likes on the Hub
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns disabled boolean — whether the Hub has disabled it
// @returns license string — the licence it declares
// @returns pipeline_tag string — the task it is made for
// @returns library string — the library that loads it
// @returns providers list<string> — the inference providers that serve it through the Hub; null: none is listed, or it is not listed today
// @returns model_type string — the model type in its configuration
// @returns architectures list<string> — the architectures in its configuration
// @returns parameters integer — how many parameters it has
// @returns quantization string — the quantisation method in its configuration
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns languages list<string> — the languages it declares
// @returns has_card boolean — whether it has a model card
// @returns datasets list<string> — the data sets it declares it was trained on
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — the graph has no model of that name or key, or had none at that time
// @budget 0.1 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WHERE coalesce(m.first_seen <= at, true)
RETURN m.id AS id,
       m.key AS key,
       CASE WHEN $as_of IS NULL THEN m.status
            WHEN NOT coalesce(m.listed_at <= at, false) THEN 'absent'
            WHEN m.gone_at <= at OR size([t IN m.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       m.gone_reason AS gone_reason,
       m.owner AS owner,
       COLLECT { MATCH (f:FormerName)-[:NOW]->(m) RETURN f.id AS name ORDER BY f.since, name } AS former_names,
       COUNT { MATCH (m)-[e:DERIVED_FROM]->(x)
               WHERE x <> m AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                                     ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                          AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END } AS parents,
       COUNT { MATCH (m)<-[e:DERIVED_FROM]-(x)
               WHERE x <> m AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                                     ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                          AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END } AS children,
       m.created_at AS created_at,
       m.modified_at AS modified_at,
       m.first_seen AS first_seen,
       m.listed_at AS listed_at,
       m.gone_at AS gone_at,
       m.downloads AS downloads,
       m.likes AS likes,
       CASE m.status WHEN 'listed' THEN m.gated END AS gated,
       m.disabled AS disabled,
       m.license AS license,
       m.pipeline_tag AS pipeline_tag,
       m.library AS library,
       CASE m.status WHEN 'listed' THEN m.providers END AS providers,
       m.model_type AS model_type,
       m.architectures AS architectures,
       m.parameters AS parameters,
       m.quantization AS quantization,
       m.weight_formats AS weight_formats,
       m.languages AS languages,
       m.has_card AS has_card,
       COLLECT { MATCH (m)-[:TRAINED_ON]->(d:Dataset) RETURN d.id AS name ORDER BY name } AS datasets,
       CASE m.status WHEN 'listed' THEN m.url END AS url
ORDER BY id;

// The licences of a model and its descendants
//
// One row for each licence that the model or one of its descendants declares, most frequent first. The row without a
// licence counts the models that declare none. A model that names several licences counts once for each of them. Paths
// pass through models that are gone, absent or gated, but only listed models count. Licences are today's, even with
// `as_of`.
//
// `freer` compares each licence with the model's own; where the model names several, with the strictest term of each
// kind. It holds only terms that are known on both sides, so an empty list does not mean that all is well. Licence
// families and terms summarise the licence texts (docs/licences.md); they are not legal advice.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns license string — the licence's id on the Hub; null: none is declared
// @returns name string — its full name; null: the table of licences does not have it
// @returns family string — its kind, such as permissive, copyleft, rail or model_community; see docs/licences.md
// @returns models integer — how many listed models declare it
// @returns share float — their share of all listed models counted
// @returns nearest integer — the number of steps from the model to the nearest of them; 0: the model itself
// @returns downloads integer — their downloads in the last 30 days
// @returns freer list<string> — terms in which it allows more than the model's own licence: commercial_use, share_alike, use_restrictions
// @empty — the graph has no model of that name or key, or no listed model of its family is within the given filters
// @budget 7 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', along: null, max_depth: 100, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH p = (m)<-[:DERIVED_FROM*0..100]-(d:Model)
WHERE all(e IN relationships(p) WHERE ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
WITH m, at, d, min(length(p)) AS depth
WHERE depth <= coalesce($max_depth, 100)
  AND CASE WHEN $as_of IS NULL THEN d.status = 'listed'
           ELSE d.listed_at <= at AND coalesce(d.gone_at > at, true)
                AND coalesce(size([t IN d.absences WHERE t <= at]) % 2 = 0, true) END
WITH m, collect([d, depth]) AS members
UNWIND members AS member
WITH m, size(members) AS total, member[0] AS d, member[1] AS depth
OPTIONAL MATCH (d)-[:LICENSED_UNDER]->(k:License)
WITH m, total, k, count(*) AS models, min(depth) AS nearest, sum(d.downloads) AS downloads
WITH *, COLLECT { MATCH (m)-[:LICENSED_UNDER]->(l:License) RETURN l } AS own
RETURN k.id AS license,
       k.name AS name,
       k.family AS family,
       models,
       toFloat(models) / total AS share,
       nearest,
       downloads,
       [t IN ['commercial_use'] WHERE any(l IN own WHERE l.commercial_use = 'no' AND k.commercial_use IN ['yes', 'conditions']
                                                      OR l.commercial_use = 'conditions' AND k.commercial_use = 'yes')]
       + [t IN ['share_alike'] WHERE any(l IN own WHERE l.share_alike = 'yes' AND k.share_alike IN ['no', 'weak']
                                                     OR l.share_alike = 'weak' AND k.share_alike = 'no')]
       + [t IN ['use_restrictions'] WHERE any(l IN own WHERE l.use_restrictions = 'yes' AND k.use_restrictions = 'no')] AS freer
ORDER BY models DESC, coalesce(downloads, 0) DESC, license
LIMIT toInteger(coalesce($limit, 9223372036854775807));

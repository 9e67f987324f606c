// Models whose licence allows more than an ancestor's licence
//
// One row for each listed model and each licence among its ancestors that allows less in at least one term: it forbids
// commercial use or sets conditions on it, requires that derived models keep the same terms, or forbids certain uses.
// The row shows the nearest ancestor with that licence. Models that are freer come before unclear ones, and the most
// downloaded first. Without `model`, the whole graph is searched. With `model`, its licence is compared with those of
// all its descendants, and those of its ancestors with its own.
//
// A row is a hint where to look, not a verdict: the authors may have agreed otherwise, and whether a licence follows
// the weights at all is disputed. Licence families and terms summarise the licence texts (docs/licences.md); they are
// not legal advice. An ancestor that names several licences counts with each of them; a model that names several is
// freer only if all of them are.
//
// A model that is missing here may still be in conflict. Where terms are unknown (`other`, or a licence that the table
// does not have), nothing is claimed; `include_unclear` adds these models. A model without a licence grants nothing; it
// is in `missing`. Two licences may also clash although neither is freer. Licences are today's, so there is no `as_of`.
//
// The path is searched for the first `paths` rows only, because searching it for every row of a whole graph would take
// minutes.
//
// @param model string default=null — only conflicts between this model and its ancestors or descendants: its name on the Hub, or its key; null: all
// @param license string default=null — only models that are freer than this licence, by its id on the Hub; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param include_unclear boolean default=false — also models that cannot be compared because terms are unknown; this can add many rows
// @param paths integer default=500 — show the path for this many rows, from the first on
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the name of the freer model
// @returns license list<string> — the licences it declares
// @returns ancestor string — the name of the nearest ancestor with the other licence
// @returns ancestor_license string — that licence
// @returns finding string — freer, or unclear (some of the terms are unknown)
// @returns terms list<string> — terms in which it is freer: commercial_use, share_alike, use_restrictions; empty if unclear
// @returns depth integer — the number of steps on the shortest path to the ancestor
// @returns path list<string> — the models on the shortest path, from the model to the ancestor; null beyond the first `paths` rows
// @returns ancestor_status string — the ancestor's status: listed or gone
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no listed model within the given filters is freer than an ancestor, as far as the terms are known
// @budget 30 s
//
// :param {model: null, license: null, along: null, include_withdrawn: false, include_unclear: false, paths: 25, limit: 25}

// Each licence as three numbers: higher is stricter, null is unknown.
MATCH (l:License)
WITH collect({node: l, family: l.family, terms: [
       CASE l.commercial_use WHEN 'yes' THEN 0 WHEN 'conditions' THEN 1 WHEN 'no' THEN 2 END,
       CASE l.share_alike WHEN 'no' THEN 0 WHEN 'weak' THEN 1 WHEN 'yes' THEN 2 END,
       CASE l.use_restrictions WHEN 'no' THEN 0 WHEN 'yes' THEN 1 END]}) AS licences
UNWIND licences AS above
WITH above.node AS l, above.terms AS terms, coalesce(above.family, '') AS family,
     [x IN licences WHERE x.family IS NOT NULL] AS known
WHERE ($license IS NULL OR l.id = $license)
  AND (any(t IN terms WHERE t > 0) OR $include_unclear AND any(t IN terms WHERE t IS NULL))
WITH l,
     [x IN known WHERE any(t IN range(0, 2) WHERE x.terms[t] < terms[t]) | x.node] AS freer,
     [x IN known WHERE all(t IN range(0, 2) WHERE
        coalesce(terms[t] = 0 OR x.terms[t] >= terms[t] OR x.terms[t] = [2, 2, 1][t], false)) | x.node]
     + CASE family WHEN 'unspecified' THEN [] ELSE [l] END AS as_strict
CALL (l) {
  // all descendants of the models with this licence
  WITH l WHERE $model IS NULL
  MATCH (l)<-[:LICENSED_UNDER]-(a:Model)
  MATCH p = (a)<-[:DERIVED_FROM*1..100]-(d:Model)
  WHERE d <> a AND all(e IN relationships(p) WHERE (e.status = 'current' OR $include_withdrawn)
                                               AND ($along IS NULL OR e.relation IN $along))
  RETURN a, d, min(length(p)) AS depth
  UNION ALL
  // all descendants of the given model
  MATCH (a:Model) WHERE a.id = $model OR a.key = $model
  WITH l, a ORDER BY a.key = $model DESC, a.status <> 'listed', a.status <> 'gone', a.key DESC LIMIT 1
  WHERE EXISTS { (a)-[:LICENSED_UNDER]->(l) }
  MATCH p = (a)<-[:DERIVED_FROM*1..100]-(d:Model)
  WHERE d <> a AND all(e IN relationships(p) WHERE (e.status = 'current' OR $include_withdrawn)
                                               AND ($along IS NULL OR e.relation IN $along))
  RETURN a, d, min(length(p)) AS depth
  UNION ALL
  // all ancestors of the given model
  MATCH (d:Model) WHERE d.id = $model OR d.key = $model
  WITH l, d ORDER BY d.key = $model DESC, d.status <> 'listed', d.status <> 'gone', d.key DESC LIMIT 1
  MATCH p = (d)-[:DERIVED_FROM*1..100]->(a:Model)
  WHERE a <> d AND all(e IN relationships(p) WHERE (e.status = 'current' OR $include_withdrawn)
                                               AND ($along IS NULL OR e.relation IN $along))
  WITH l, d, a, min(length(p)) AS depth
  WHERE EXISTS { (a)-[:LICENSED_UNDER]->(l) }
  RETURN a, d, depth
}
WITH l, freer, as_strict, a, d, depth
WHERE d.status = 'listed' AND EXISTS { (d)-[:LICENSED_UNDER]->(:License) }
  AND NOT EXISTS { MATCH (d)-[:LICENSED_UNDER]->(k:License) WHERE k IN as_strict }
WITH l, a, d, depth, NOT EXISTS { MATCH (d)-[:LICENSED_UNDER]->(k:License) WHERE NOT k IN freer } AS is_freer
WHERE is_freer OR $include_unclear
ORDER BY depth, a.id, a.key
WITH l, d, is_freer, head(collect([a, depth])) AS nearest
ORDER BY is_freer DESC, coalesce(d.downloads, 0) DESC, d.id, d.key, l.id
LIMIT toInteger(coalesce($limit, 9223372036854775807))
WITH collect({l: l, d: d, is_freer: is_freer, a: nearest[0], depth: nearest[1]}) AS found
UNWIND range(1, size(found)) AS place
WITH place, found[place - 1] AS row
WITH place, row.l AS l, row.d AS d, row.is_freer AS is_freer, row.a AS a, row.depth AS depth
OPTIONAL CALL (place, d, a) {
  WITH d, a WHERE place <= $paths
  MATCH p = shortestPath((d)-[:DERIVED_FROM*1..100]->(a))
  WHERE all(e IN relationships(p) WHERE (e.status = 'current' OR $include_withdrawn)
                                    AND ($along IS NULL OR e.relation IN $along))
  RETURN [n IN nodes(p) | n.id] AS path
}
WITH place, l, d, is_freer, a, depth, path, COLLECT { MATCH (d)-[:LICENSED_UNDER]->(k:License) RETURN k ORDER BY k.id } AS own
RETURN d.id AS id,
       [k IN own | k.id] AS license,
       a.id AS ancestor,
       l.id AS ancestor_license,
       CASE WHEN is_freer THEN 'freer' ELSE 'unclear' END AS finding,
       CASE WHEN is_freer THEN
              [t IN ['commercial_use'] WHERE any(k IN own WHERE l.commercial_use = 'no' AND k.commercial_use IN ['yes', 'conditions']
                                                             OR l.commercial_use = 'conditions' AND k.commercial_use = 'yes')]
              + [t IN ['share_alike'] WHERE any(k IN own WHERE l.share_alike = 'yes' AND k.share_alike IN ['no', 'weak']
                                                            OR l.share_alike = 'weak' AND k.share_alike = 'no')]
              + [t IN ['use_restrictions'] WHERE any(k IN own WHERE l.use_restrictions = 'yes' AND k.use_restrictions = 'no')]
            ELSE [] END AS terms,
       depth,
       path,
       a.status AS ancestor_status,
       d.owner AS owner,
       d.downloads AS downloads,
       d.url AS url
ORDER BY finding, coalesce(downloads, 0) DESC, id, d.key, ancestor_license;

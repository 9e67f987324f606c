// Models that look like copies or descendants of a model and declare nothing
//
// One row for each listed model that declares no parent, is not older than this model, and has exactly its parameter
// count, its architectures and its model type. A GGUF file without a configuration is compared by its parameter count
// alone. Rows are candidates to look at by hand, best first: by what speaks for a connection less what speaks against
// it. They are no links, no other answer follows them, and most are trained on their own from the same base or from
// nothing. A candidate from which this model descends is left out. A link from a model to itself declares nothing.
//
// Nothing can be compared where the parameter count of this model is unknown, or both its architectures and its model
// type. Models without a known count are never candidates: adapters, and weights that are not in safetensors or GGUF.
//
// Codes in `speaks_for`: declared_once (it once declared this model as its parent), same_name, name_contained (one
// name contains the other), same_first_word (of the names), same_owner, same_license, same_library, same_task,
// quantized (its files are quantised, which is mostly done to weights of others).
//
// Codes in `speaks_against`: declared_another_once (it once declared another parent), architecture_unknown, age_unknown
// (no creation date, or the same one), other_name (not even the first word is the same), other_license, other_library,
// other_task, has_children (others build on it), more_downloads (than this model). What is unknown speaks for nothing.
//
// @param model string required — the model's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the name of the candidate
// @returns key string — its key in the graph: the Hub's own id, which stays the same when the name changes
// @returns candidates integer — how many candidates there are, whatever the limit
// @returns speaks_for list<string> — codes of what speaks for a connection
// @returns speaks_against list<string> — codes of what speaks against one
// @returns parameters integer — the parameter count of both
// @returns model_type string — the model type in its configuration
// @returns architectures list<string> — the architectures in its configuration
// @returns weight_formats list<string> — the formats its weights are stored in
// @returns quantization string — the quantisation method in its configuration
// @returns created_at datetime — when its repository was created
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no listed model that declares nothing has its size, architectures and model type, or these are not known of it
// @budget 2 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
// Read once: each single property of a node is looked for among all of them, for each candidate again.
WITH m, at, properties(m) AS q, toLower(split(m.id, '/')[-1]) AS name
CALL (m, at) {
  MATCH p = (m)-[:DERIVED_FROM*1..100]->(a:Model)
  WHERE all(e IN relationships(p) WHERE CASE WHEN $as_of IS NULL THEN e.status = 'current'
                                             ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                                                  AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END)
  WITH DISTINCT a
  RETURN collect(a) AS ancestors
}
// Counted apart: rows that are sorted beside a list of all of them would each be charged with it.
CALL (m, q, at, ancestors) {
  MATCH (c:Model)
  WHERE c.parameters = q.parameters AND c <> m AND NOT c IN ancestors
  WITH q, at, c, properties(c) AS p
  WHERE CASE WHEN $as_of IS NULL THEN p.status = 'listed'
                 ELSE p.listed_at <= at AND coalesce(p.gone_at > at, true)
                      AND coalesce(size([t IN p.absences WHERE t <= at]) % 2 = 0, true) END
        AND coalesce(p.created_at >= q.created_at, true)
        AND (q.model_type IS NOT NULL OR q.architectures IS NOT NULL)
        // What only one of the two says makes them different, but for a GGUF file that says neither.
        AND (coalesce(p.model_type, '') = coalesce(q.model_type, '') AND coalesce(p.architectures, []) = coalesce(q.architectures, [])
             OR p.model_type IS NULL AND p.architectures IS NULL AND 'gguf' IN p.weight_formats)
        AND NOT EXISTS { MATCH (c)-[e:DERIVED_FROM]->(x)
                         WHERE x <> c AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
                                               ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                                                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END }
  RETURN count(*) AS candidates
}
MATCH (c:Model)
WHERE c.parameters = q.parameters AND c <> m AND NOT c IN ancestors
WITH m, q, at, candidates, c, name, properties(c) AS p
WHERE CASE WHEN $as_of IS NULL THEN p.status = 'listed'
               ELSE p.listed_at <= at AND coalesce(p.gone_at > at, true)
                    AND coalesce(size([t IN p.absences WHERE t <= at]) % 2 = 0, true) END
      AND coalesce(p.created_at >= q.created_at, true)
      AND (q.model_type IS NOT NULL OR q.architectures IS NOT NULL)
      // What only one of the two says makes them different, but for a GGUF file that says neither.
      AND (coalesce(p.model_type, '') = coalesce(q.model_type, '') AND coalesce(p.architectures, []) = coalesce(q.architectures, [])
           OR p.model_type IS NULL AND p.architectures IS NULL AND 'gguf' IN p.weight_formats)
      AND NOT EXISTS { MATCH (c)-[e:DERIVED_FROM]->(x)
                       WHERE x <> c AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
                                             ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                                                  AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END }
WITH m, q, at, candidates, c, name, p, toLower(split(c.id, '/')[-1]) AS other,
     COUNT { (c)<-[:DERIVED_FROM]-() } AS children,
     COLLECT { MATCH (c)-[e:DERIVED_FROM]->(x)
               WHERE x <> c AND CASE WHEN $as_of IS NULL THEN e.status = 'withdrawn'
                                     ELSE NOT (coalesce(e.withdrawn_at > at, true)
                                          AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
               RETURN x = m } AS once
WITH *, split(replace(replace(name, '_', '-'), '.', '-'), '-')[0]
        = split(replace(replace(other, '_', '-'), '.', '-'), '-')[0] AS alike
WITH candidates, c, children,
     [code IN [CASE WHEN true IN once THEN 'declared_once' END,
               CASE WHEN other = name THEN 'same_name' WHEN other CONTAINS name OR name CONTAINS other THEN 'name_contained'
                    WHEN alike THEN 'same_first_word' END,
               CASE WHEN p.owner = q.owner THEN 'same_owner' END,
               CASE WHEN p.license = q.license THEN 'same_license' END,
               CASE WHEN p.library = q.library THEN 'same_library' END,
               CASE WHEN p.pipeline_tag = q.pipeline_tag THEN 'same_task' END,
               CASE WHEN p.quantization IS NOT NULL OR 'gguf' IN p.weight_formats THEN 'quantized' END]
      WHERE code IS NOT NULL] AS speaks_for,
     [code IN [CASE WHEN false IN once AND NOT true IN once THEN 'declared_another_once' END,
               CASE WHEN p.model_type IS NULL AND p.architectures IS NULL THEN 'architecture_unknown' END,
               CASE WHEN coalesce(p.created_at = q.created_at, true) THEN 'age_unknown' END,
               CASE WHEN NOT (alike OR other CONTAINS name OR name CONTAINS other) THEN 'other_name' END,
               CASE WHEN p.license <> q.license THEN 'other_license' END,
               CASE WHEN p.library <> q.library THEN 'other_library' END,
               CASE WHEN p.pipeline_tag <> q.pipeline_tag THEN 'other_task' END,
               CASE WHEN EXISTS { MATCH (x)-[:DERIVED_FROM]->(c) WHERE x <> c } THEN 'has_children' END,
               CASE WHEN p.downloads > q.downloads THEN 'more_downloads' END]
      WHERE code IS NOT NULL] AS speaks_against
ORDER BY size(speaks_for) - size(speaks_against) DESC, size(speaks_for) DESC, coalesce(c.downloads, 0) DESC, c.id, c.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
RETURN c.id AS id,
       c.key AS key,
       candidates,
       speaks_for,
       speaks_against,
       c.parameters AS parameters,
       c.model_type AS model_type,
       c.architectures AS architectures,
       c.weight_formats AS weight_formats,
       c.quantization AS quantization,
       c.created_at AS created_at,
       c.owner AS owner,
       children,
       c.license AS license,
       c.downloads AS downloads,
       CASE c.status WHEN 'listed' THEN c.url + '/discussions' END AS contact,
       CASE c.status WHEN 'listed' THEN c.url END AS url
ORDER BY size(speaks_for) - size(speaks_against) DESC, size(speaks_for) DESC, coalesce(downloads, 0) DESC, id, key;

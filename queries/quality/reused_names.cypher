// Names that another model had before
//
// One row for each listed model whose name another model had before, and each such earlier model: one that has another
// name now, or that is gone and had this name last. The names with the most children of the earlier model come first.
//
// Whoever downloads by that name today gets another model than before. Somebody may have registered the name for that
// purpose (model namespace reuse), or the owner may have deleted the repository and created it again: compare the two
// before you trust the name. `children` counts the models that declared the earlier model by this name, and still
// descend from it; their cards now seem to name the listed model. `names` shows all names of one model.
//
// @param owner string default=null — only models of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the reused name: the listed model's name
// @returns key string — the key of the listed model, which has the name now
// @returns since datetime — since when it has that name, as far as crawls saw
// @returns earlier string — the current name of the model that had it before; its last one if it is gone
// @returns earlier_key string — the key of that earlier model
// @returns earlier_status string — the earlier model's status: listed, gone or absent
// @returns until datetime — until when the earlier model had the name, as far as crawls saw
// @returns children integer — how many models declare the earlier one by this name, by current links
// @returns owner string — who publishes the listed model
// @returns downloads integer — downloads of the listed model in the last 30 days
// @returns url string — the page of the listed model on the Hub
// @empty — no listed model within the given filters has a name that another model had before
// @budget 15 s
//
// :param {owner: null, limit: 25}

CALL () {
  MATCH (f:FormerName)-[:NOW]->(x:Model)
  MATCH (m:Model {id_lower: f.id_lower}) WHERE m <> x AND m.status = 'listed'
  RETURN m, x, f.until AS until
  UNION ALL
  // By the label: starting from the listed models instead takes a hundred times as long.
  MATCH (x:Gone)
  MATCH (m:Model {id_lower: x.id_lower}) WHERE m <> x AND m.status = 'listed'
  RETURN m, x, x.gone_at AS until
}
WITH m, x, max(until) AS until
WHERE $owner IS NULL OR m.owner = $owner
CALL (m) { OPTIONAL MATCH (f:FormerName)-[:NOW]->(m) RETURN max(f.until) AS renamed }
RETURN m.id AS id,
       m.key AS key,
       coalesce(renamed, m.listed_at) AS since,
       x.id AS earlier,
       x.key AS earlier_key,
       x.status AS earlier_status,
       until,
       COUNT { MATCH (x)<-[e:DERIVED_FROM]-(c)
               WHERE c <> x AND e.status = 'current' AND any(s IN e.declared_as WHERE toLower(s) = m.id_lower) } AS children,
       m.owner AS owner,
       m.downloads AS downloads,
       m.url AS url
ORDER BY children DESC, coalesce(m.downloads, 0) DESC, id, m.key, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

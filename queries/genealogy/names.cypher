// Every name that a model ever had
//
// One row for each name, the oldest first, the one it bears now last. A former name is known where a crawl saw the model
// renamed, or where the Hub or another record still used the name for it: names from before the first crawl that nobody
// uses any more are not here. `shared_with` names other models that bear or once bore the same name: what is written
// about that name may mean either.
//
// @param model string required — the model's name on the Hub today, or its key
//
// @returns id string — the model's name today; of a model that is gone, its last
// @returns name string — a name that it bears or bore
// @returns current boolean — whether it is the name of today
// @returns since datetime — from when on it bore that name, as far as crawls saw it
// @returns until datetime — until when; null: it still does
// @returns shared_with list<string> — the keys of other models that bear or bore this name, in whatever case
// @empty — the graph has no model of that name or key
// @budget 0.1 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1'}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
CALL (m) {
  MATCH (f:FormerName)-[:NOW]->(m)
  RETURN f.id AS name, f.id_lower AS lower, false AS current, f.since AS since, f.until AS until
  UNION ALL
  OPTIONAL MATCH (f:FormerName)-[:NOW]->(m)
  WITH m, max(f.until) AS renamed
  RETURN m.id AS name, m.id_lower AS lower, true AS current, coalesce(renamed, m.listed_at, m.first_seen) AS since,
         null AS until
}
RETURN m.id AS id,
       name,
       current,
       since,
       until,
       COLLECT { CALL (m, lower) {
                   MATCH (o:Model {id_lower: lower}) WHERE o <> m RETURN o.key AS key
                   UNION
                   MATCH (f:FormerName {id_lower: lower})-[:NOW]->(o:Model) WHERE o <> m RETURN o.key AS key }
                 RETURN key ORDER BY key } AS shared_with
ORDER BY current, since, until, name;

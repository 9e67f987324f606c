// All names a model has had
//
// One row for each name, oldest first; the current name is last. A former name is known if a crawl saw the model
// renamed, or if the Hub or another record still used the old name. Names from before the first crawl that nobody uses
// any longer are missing. `shared_with` lists other models that have, or had, the same name: text that uses the name
// may mean any of them.
//
// @param model string required — the model's name on the Hub, or its key
//
// @returns id string — the model's current name; the last one if it is gone
// @returns name string — a name that it has or had
// @returns current boolean — whether this is the current name
// @returns since datetime — since when it had that name, as far as crawls saw
// @returns until datetime — until when; null: it still has it
// @returns shared_with list<string> — the keys of other models that have or had this name, in any case
// @empty — the graph has no model of that name or key
// @budget 0.1 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1'}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
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

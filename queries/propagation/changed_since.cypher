// What changed below a model since a given time
//
// One row for each change to the model or its descendants that a crawl saw at that time or later, oldest first; of the
// changes of one kind that one crawl saw, those of listed models first, then of those with the most children.
// `derived`: a link to a parent in the family is new. `withdrawn`: the child no longer declares it. `declared_again`:
// the child declares it again. `gone` and `back`: a model left the listing, or came back. `renamed`: a model has a new
// name. The times are those of the crawls that saw the change; what changed and changed back between two crawls is
// missing. Changes of licence, gate or card are not recorded. An edited card does not change the weights, so
// descendants by links that are no longer declared belong to the family too.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param since datetime default=null — changes from this time on, or from the start of this day (UTC); null: those that the newest crawl saw
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns time datetime — when a crawl saw the change
// @returns event string — derived, withdrawn, declared_again, gone, back or renamed
// @returns id string — the current name of the model that changed
// @returns parent string — for links: the parent's name
// @returns relation string — for links: copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns certainty string — for links: the evidence, declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns former_name string — for renamed models: the former name
// @returns status string — the model's status today: listed, gone or absent
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no change below the model is known from that time on; without `since`, it is the time of the newest crawl
// @budget 15 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', since: null, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
CALL () { MATCH (c:Crawl) RETURN max(c.started_at) AS newest }
MATCH p = (m)<-[:DERIVED_FROM*0..100]-(y:Model)
WITH y, coalesce(datetime(toString($since)), newest) AS since, min(length(p)) AS depth
CALL (y, since) {
  MATCH (y)<-[e:DERIVED_FROM]-(x:Model) WHERE x <> y
  UNWIND [[e.first_seen, 'derived'], [e.withdrawn_at, 'withdrawn']]
         + [i IN range(0, coalesce(size(e.absences), 0) - 1) | [e.absences[i], ['withdrawn', 'declared_again'][i % 2]]]
         AS happened
  WITH x, e, happened[0] AS time, happened[1] AS event WHERE time >= since
  RETURN x, time, event, e.relation AS relation, e.certainty AS certainty, y.id AS parent, null AS former_name
  UNION ALL
  UNWIND [[y.gone_at, 'gone']]
         + [i IN range(0, coalesce(size(y.absences), 0) - 1) | [y.absences[i], ['gone', 'back'][i % 2]]] AS happened
  WITH y AS x, happened[0] AS time, happened[1] AS event, null AS relation, null AS certainty, null AS parent,
       null AS former_name, since
  WHERE time >= since
  RETURN x, time, event, relation, certainty, parent, former_name
  UNION ALL
  MATCH (f:FormerName)-[:NOW]->(y) WHERE f.until >= since
  RETURN y AS x, f.until AS time, 'renamed' AS event, null AS relation, null AS certainty, null AS parent,
         f.id AS former_name
}
RETURN time,
       event,
       x.id AS id,
       parent,
       relation,
       certainty,
       former_name,
       x.status AS status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY time, event, status <> 'listed', status <> 'gone', children DESC, coalesce(x.downloads, 0) DESC, id, parent,
         former_name, x.key, y.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

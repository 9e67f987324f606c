// Models that derive from each other in a circle
//
// One row for each circle: the models of which each descends from every other, by links that hold today; the largest
// first. Circles are facts of what is declared and stay in the graph; in truth one of the links points the wrong way, as
// a rule the one from the older model to the younger. Where circles share a model they are one. A link of a model
// to itself makes no circle: see `self_links`. The circles are found when a crawl is loaded, and are those of the newest one.
//
// @param limit integer default=null — the most rows to return; null: all
//
// @returns cycle string — the circle's mark: the least of its members' keys
// @returns size integer — how many models are on it
// @returns members list<string> — their names, the oldest first
// @returns links list<string> — the links among them, as `child -> parent (relation)`
// @returns statuses list<string> — the statuses of the members, in the same order: listed, gone or absent
// @returns owners list<string> — who publishes them
// @returns downloads integer — downloads of all of them in the last 30 days
// @empty — nothing in the graph derives from itself by way of another model
// @budget 0.5 s
//
// :param {limit: 25}

MATCH (m:Model) WHERE m.cycle IS NOT NULL
WITH m ORDER BY m.created_at, m.id, m.key
WITH m.cycle AS cycle, collect(m) AS found
RETURN cycle,
       size(found) AS size,
       [m IN found | m.id] AS members,
       COLLECT { UNWIND found AS m
                 MATCH (m)-[e:DERIVED_FROM]->(x:Model) WHERE x <> m AND x.cycle = cycle AND e.status = 'current'
                 RETURN m.id + ' -> ' + x.id + ' (' + e.relation + ')' AS link ORDER BY m.created_at, link } AS links,
       [m IN found | m.status] AS statuses,
       COLLECT { UNWIND found AS m WITH m.owner AS owner WHERE owner IS NOT NULL RETURN DISTINCT owner ORDER BY owner } AS owners,
       reduce(total = 0, m IN found | total + coalesce(m.downloads, 0)) AS downloads
ORDER BY size DESC, cycle
LIMIT toInteger(coalesce($limit, 9223372036854775807));

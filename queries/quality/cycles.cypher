// Models that derive from each other in a cycle
//
// One row for each cycle, largest first, and of one size the most downloaded: a group of models each of which descends
// from every other by current links. Cycles are what is declared, so they stay in the graph; in reality one of the
// links must be wrong, usually that from an older model to a younger one. Cycles that share a model are one cycle. A
// link from a model to itself is not a cycle; see `self_links`. The figures are computed with each crawl and describe
// the newest one.
//
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns cycle string — the cycle's mark: the smallest of its members' keys
// @returns size integer — how many models are on it
// @returns members list<string> — their names, oldest first
// @returns links list<string> — the links among them, as `child -> parent (relation)`
// @returns statuses list<string> — the members' statuses, in the same order: listed, gone or absent
// @returns owners list<string> — who publishes them
// @returns downloads integer — their downloads in the last 30 days
// @empty — no model in the graph descends from itself by way of another model
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
ORDER BY size DESC, downloads DESC, cycle
LIMIT toInteger(coalesce($limit, 9223372036854775807));

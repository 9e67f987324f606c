// The largest and the deepest families
//
// One row for each family that the graph stores, largest first: the 1,000 largest and the 100 deepest. A family is
// everything that current links connect, in either direction, including models that are gone or absent. A merge joins
// the families of its parents, so the largest family holds many lines of descent. The figures are computed with each
// crawl and describe the newest one.
//
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns root string — the name of the member with the most descendants
// @returns size integer — how many models the family has
// @returns depth integer — the number of steps in its longest chain; a cycle counts as one model
// @returns roots integer — how many of its members have no parent
// @returns status string — the root's status: listed, gone or absent
// @returns owner string — who publishes the root
// @returns license string — the licence the root declares
// @returns url string — the root's page on the Hub; null: it is not listed today
// @empty — no model in the graph has a parent, or an earlier version loaded the graph: run hub-genealogy rebuild
// @budget 0.5 s
//
// :param {limit: 25}

MATCH (f:Family {kind: 'family'})-[:HEADED_BY]->(m:Model)
RETURN m.id AS root,
       f.size AS size,
       f.depth AS depth,
       f.roots AS roots,
       m.status AS status,
       m.owner AS owner,
       m.license AS license,
       CASE m.status WHEN 'listed' THEN m.url END AS url
ORDER BY size DESC, depth DESC, status <> 'listed', status <> 'gone', coalesce(m.downloads, 0) DESC, root, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

// The largest and the deepest families
//
// One row for each family that is stored: the thousand largest and the hundred deepest, the largest first. A family is
// all that hangs together by links that hold today, in whichever direction; members that are gone or were never listed
// count. A merge joins the families of its parents into one, so the largest holds many lines. The root is its member with
// the most descendants. The figures are made when a crawl is loaded, and are those of the newest one.
//
// @param limit integer default=null — the most rows to return; null: all that are stored
//
// @returns root string — the name of the member with the most descendants
// @returns size integer — how many models are in the family
// @returns depth integer — how many steps its longest chain has; a circle counts as one place
// @returns roots integer — how many of its members have no parent
// @returns status string — of the root: listed, gone or absent
// @returns owner string — who publishes the root
// @returns license string — the licence that the root declares
// @returns url string — the root's page on the Hub
// @empty — no model of the graph has a parent, or it was loaded by an earlier version: see hub-genealogy rebuild
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
       m.url AS url
ORDER BY size DESC, depth DESC, root, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

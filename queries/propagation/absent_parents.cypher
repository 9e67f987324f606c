// Parents that were never listed, with their listed children
//
// One row for each name that listed models declare as their parent, or once did, and that no crawl has ever found
// listed, most children first. The model may be private, deleted before the first crawl, misspelt, or never have been
// on the Hub; only the name is known. Its own parents are unknown too, so a chain that ends here is cut off: this is
// not its root. `unresolved` also counts children that are gone.
//
// An edited card does not change the weights, so children that no longer declare the name count as well. Names
// that no child declares any more are withdrawn; their rows come after all others.
//
// @param kind list<string> default=null — only children whose link to the name is of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the absent model's name, in the first spelling seen
// @returns children integer — how many listed models derive directly from it
// @returns withdrawn integer — how many of those no longer declare it
// @returns link_status string — current; withdrawn: none of them declares it any more
// @returns owners integer — how many owners publish them
// @returns downloads integer — their downloads in the last 30 days
// @returns relations list<string> — the kinds of their links
// @returns declared_as list<string> — the spellings that they use for the name
// @returns owner string — the owner in the name
// @returns first_seen datetime — when a crawl first saw the name
// @empty — no listed model within the given filters declares a parent that was never listed
// @budget 10 s
//
// :param {kind: null, as_of: null, include_withdrawn: true, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH (x:Model)-[e:DERIVED_FROM]->(y:Model)
WHERE x <> y AND ($kind IS NULL OR e.relation IN $kind)
  AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
           ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
  AND CASE WHEN $as_of IS NULL THEN y.status = 'absent' ELSE NOT coalesce(y.listed_at <= at, false) END
WITH y, x, e, NOT (coalesce(e.withdrawn_at > at, true)
                   AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) AS is_withdrawn ORDER BY e.relation
WITH y,
     count(*) AS children,
     count(CASE WHEN is_withdrawn THEN x END) AS withdrawn,
     count(DISTINCT x.owner) AS owners,
     sum(coalesce(x.downloads, 0)) AS downloads,
     collect(DISTINCT e.relation) AS relations,
     collect(e.declared_as) AS spellings
RETURN y.id AS id,
       children,
       withdrawn,
       CASE withdrawn WHEN children THEN 'withdrawn' ELSE 'current' END AS link_status,
       owners,
       downloads,
       relations,
       COLLECT { UNWIND spellings AS several UNWIND several AS spelling RETURN DISTINCT spelling ORDER BY spelling } AS declared_as,
       y.owner AS owner,
       y.first_seen AS first_seen
ORDER BY link_status, children DESC, downloads DESC, id, y.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

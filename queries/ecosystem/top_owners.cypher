// The owners whose models others build on
//
// One row for each owner of a model that has children, most children first. The links counted are those that listed
// models declare today, or declared on the day of `as_of`. A child with two parents of the same owner counts twice. A
// link from a model to itself does not count. `by_others` leaves out what owners derive from their own models, such as
// a chat version or a quantised copy. Owners are today's: a model that moved counts for its new owner.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param owner_kind list<string> default=null — only owners of these kinds: organisation, person, unknown; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns owner string — the owner's name; null: models without an owner
// @returns owner_kind string — organisation, person, or unknown where the Hub was not asked or does not say; null: models without an owner
// @returns by_others integer — how many listed models of other owners derive directly from the owner's models
// @returns children integer — how many listed models do, the owner's own included
// @returns parents integer — how many of the owner's models have children
// @returns top_parent string — the one with the most children
// @returns top_children integer — how many children that one has
// @returns models integer — how many models the owner publishes, including those that are gone
// @empty — no listed model within the given filters declares a parent
// @budget 20 s
//
// :param {kind: null, owner_kind: null, as_of: null, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH ()-[e:DERIVED_FROM]->()
WHERE ($kind IS NULL OR e.relation IN $kind)
  AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
           ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, e, startNode(e) AS c, endNode(e) AS p
WHERE c:Model AND c <> p AND CASE WHEN $as_of IS NULL THEN c.status = 'listed'
                    ELSE c.listed_at <= at AND coalesce(c.gone_at > at, true)
                         AND coalesce(size([t IN c.absences WHERE t <= at]) % 2 = 0, true) END
WITH p, count(*) AS children, sum(CASE WHEN c.owner = p.owner THEN 0 ELSE 1 END) AS others
WITH p.owner AS owner, sum(others) AS by_others, sum(children) AS children, count(*) AS parents,
     min([-children, p.id, p.key]) AS top
WHERE $owner_kind IS NULL OR owner IS NOT NULL AND
      coalesce(COLLECT { MATCH (o:Owner {name: owner}) RETURN o.kind }[0], 'unknown') IN $owner_kind
WITH *
ORDER BY by_others DESC, children DESC, owner
LIMIT toInteger(coalesce($limit, 9223372036854775807))
OPTIONAL MATCH (o:Owner {name: owner})
RETURN owner,
       CASE WHEN owner IS NOT NULL THEN coalesce(o.kind, 'unknown') END AS owner_kind,
       by_others,
       children,
       parents,
       top[1] AS top_parent,
       -top[0] AS top_children,
       COUNT { (o)<-[:PUBLISHED_BY]-(:Model) } AS models
ORDER BY by_others DESC, children DESC, owner;

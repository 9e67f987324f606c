// The owners whose models others build on
//
// One row for each owner of a model that has children, the one with the most first. Counted are listed models that
// declare one of the owner's as their parent today, or on the day of `as_of`: a child with two such parents counts
// twice, a link of a model to itself does not. `by_others` leaves out what the owner derived from its own models, such as
// a chat version or a quantized copy. Owners are those of today: a model that moved counts for where it is.
//
// @param relations list<string> default=null — only children of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param limit integer default=null — the most rows to return; null: all
//
// @returns owner string — the owner's name; null: models whose name has none
// @returns by_others integer — how many listed models of other owners are derived from the owner's directly
// @returns children integer — how many are, the owner's own among them
// @returns parents integer — how many of the owner's models have children
// @returns top_parent string — the one with the most
// @returns top_children integer — how many that one has
// @returns models integer — how many models it publishes, or did before they were gone
// @empty — no listed model declares a parent, as far as was asked
// @budget 20 s
//
// :param {relations: null, as_of: null, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH ()-[e:DERIVED_FROM]->()
WHERE ($relations IS NULL OR e.relation IN $relations)
  AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
           ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, e, startNode(e) AS c, endNode(e) AS p
WHERE c <> p AND CASE WHEN $as_of IS NULL THEN c.status = 'listed'
                    ELSE c.listed_at <= at AND coalesce(c.gone_at > at, true)
                         AND coalesce(size([t IN c.absences WHERE t <= at]) % 2 = 0, true) END
WITH p, count(*) AS children, sum(CASE WHEN c.owner = p.owner THEN 0 ELSE 1 END) AS others
WITH p.owner AS owner, sum(others) AS by_others, sum(children) AS children, count(*) AS parents,
     min([-children, p.id, p.key]) AS top
ORDER BY by_others DESC, children DESC, owner
LIMIT toInteger(coalesce($limit, 9223372036854775807))
OPTIONAL MATCH (o:Owner {name: owner})
RETURN owner,
       by_others,
       children,
       parents,
       top[1] AS top_parent,
       -top[0] AS top_children,
       COUNT { (o)<-[:PUBLISHED_BY]-() } AS models
ORDER BY by_others DESC, children DESC, owner;

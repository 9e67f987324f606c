// How far derivations concentrate on a few parents
//
// Parents are ranked by their number of children. One row for the first 1, 10, 100, 1,000 … parents, and a last row for
// all of them: which share of all direct derivations leads to these parents. The links counted are those that listed
// models declare today, or declared on the day of `as_of`. A link from a model to itself does not count.
//
// `gini` measures the inequality in one number, the same in every row: 0 where all parents have equally many children,
// near 1 where one parent has nearly all. Models without children are not part of it. Only direct children count;
// `most_followed` counts descendants at any distance.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
//
// @returns parents integer — how many parents, from the first on; in the last row, all that have children
// @returns parents_share float — their share of all parents
// @returns children integer — how many derivations lead to them
// @returns children_share float — their share of all derivations
// @returns least integer — how many children the last of them has
// @returns gini float — the Gini coefficient of the number of children over all parents
// @empty — no listed model within the given filters declares a parent
// @budget 10 s
//
// :param {kind: null, as_of: null}

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
WITH p, count(*) AS children
// Count parents with the same number of children together, so that the lists below stay short on any graph.
WITH children, count(*) AS parents
ORDER BY children DESC
WITH collect([children, parents]) AS classes, sum(parents) AS parents_total, sum(children * parents) AS children_total
WHERE parents_total > 0
WITH *, reduce(state = [0, 0.0], c IN classes |
               [state[0] + c[1], state[1] + toFloat(c[0]) * c[1] * (parents_total - 2 * state[0] - c[1])])[1]
        / parents_total / children_total AS gini
UNWIND [n IN [1, 10, 100, 1000, 10000, 100000] WHERE n < parents_total] + parents_total AS parents
WITH *, reduce(state = [0, 0, 0], c IN classes |
               CASE WHEN state[0] >= parents THEN state
                    ELSE [state[0] + c[1], state[1] + c[0] * CASE WHEN state[0] + c[1] > parents THEN parents - state[0] ELSE c[1] END,
                          c[0]] END) AS reached
RETURN parents,
       toFloat(parents) / parents_total AS parents_share,
       reached[1] AS children,
       toFloat(reached[1]) / children_total AS children_share,
       reached[2] AS least,
       gini
ORDER BY parents;

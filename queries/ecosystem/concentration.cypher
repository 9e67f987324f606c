// How few parents most models are derived from
//
// One row for the first 1, 10, 100, 1,000 … parents by their number of children, and a last one for all of them: what
// share of all direct derivations leads to these few. Counted are links that listed models declare today, or did on the
// day of `as_of`; links of models to themselves are not. `gini` sums the inequality up in one number, the same in every row:
// 0 where all parents have as many children, near 1 where one has nearly all. Models without children are not in it. Only direct
// children count: the first of a line is ahead by more (see `most_followed`).
//
// @param relations list<string> default=null — only children of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
//
// @returns parents integer — the first so many parents; the last row: all that have children
// @returns parents_share float — their share of all parents
// @returns children integer — how many derivations lead to them
// @returns children_share float — their share of all derivations
// @returns least integer — how many children the last of them has
// @returns gini float — the Gini coefficient of the number of children over all parents
// @empty — no listed model declares a parent, as far as was asked
// @budget 10 s
//
// :param {relations: null, as_of: null}

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
WITH p, count(*) AS children
// Parents with equally many children are counted together: what follows is short, however large the graph.
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

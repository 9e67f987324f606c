// Names that models derive from and no listing holds
//
// One row for each name that listed models give as their parent and that no crawl has ever found listed, the one with
// the most children first. It may be private, deleted before the first crawl, misspelt, or never have been on the Hub:
// nothing more than the name is known. What it was made from is not known either, so a chain that ends here is cut off,
// and not begun.
//
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the absent model's name, as it was first spelt
// @returns children integer — how many listed models are derived from it directly
// @returns owners integer — how many owners publish them
// @returns downloads integer — their downloads in the last 30 days
// @returns relations list<string> — the kinds of their links
// @returns declared_as list<string> — how they spell the name
// @returns owner string — the owner that the name names
// @returns first_seen datetime — when a crawl first met the name
// @empty — no listed model names a parent that was never listed, as far as was asked
// @budget 10 s
//
// :param {relations: null, as_of: null, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH (x:Model)-[e:DERIVED_FROM]->(y:Model)
WHERE x <> y AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
  AND coalesce(e.withdrawn_at > at, true) AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)
  AND CASE WHEN $as_of IS NULL THEN x.status = 'listed'
           ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END
  AND CASE WHEN $as_of IS NULL THEN y.status = 'absent' ELSE NOT coalesce(y.listed_at <= at, false) END
WITH y, x, e ORDER BY e.relation
WITH y,
     count(*) AS children,
     count(DISTINCT x.owner) AS owners,
     sum(coalesce(x.downloads, 0)) AS downloads,
     collect(DISTINCT e.relation) AS relations,
     collect(e.declared_as) AS spellings
RETURN y.id AS id,
       children,
       owners,
       downloads,
       relations,
       COLLECT { UNWIND spellings AS several UNWIND several AS spelling RETURN DISTINCT spelling ORDER BY spelling } AS declared_as,
       y.owner AS owner,
       y.first_seen AS first_seen
ORDER BY children DESC, id, y.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

// The models that most others are derived from directly
//
// One row for each model that has children, the one with the most first. Counted are listed models that declare it as
// their parent today, or on the day of `as_of`; children that are gone are not, nor is a link of a model to itself.
// Only direct children count, so a much copied copy can stand above the model it came from.
//
// @param relations list<string> default=null — only children of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the parent's name
// @returns children integer — how many listed models are derived from it directly
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — whether it is open (false), or asks for access: auto or manual
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no listed model declares a parent, as far as was asked
// @budget 10 s
//
// :param {relations: null, as_of: null, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH ()-[e:DERIVED_FROM]->()
WHERE ($relations IS NULL OR e.relation IN $relations)
  AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
           ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, e, startNode(e) AS c, endNode(e) AS x
WHERE c <> x AND CASE WHEN $as_of IS NULL THEN c.status = 'listed'
                    ELSE c.listed_at <= at AND coalesce(c.gone_at > at, true)
                         AND coalesce(size([t IN c.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, x, count(*) AS children
RETURN x.id AS id,
       children,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       x.license AS license,
       x.gated AS gated,
       x.downloads AS downloads,
       x.url AS url
ORDER BY children DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

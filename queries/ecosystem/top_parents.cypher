// The models with the most direct children
//
// One row for each model that has children, most children first; of equally many, listed models before gone and absent
// ones, then the most downloaded. The links counted are those that listed models declare today, or declared on the day
// of `as_of`. Children that are gone do not count. A link from a model to itself does not count. Only direct children
// count, so a popular copy can rank above its original; `most_followed` counts descendants at any distance.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the parent's name
// @returns children integer — how many listed models derive directly from it
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no listed model within the given filters declares a parent
// @budget 10 s
//
// :param {kind: null, as_of: null, limit: 25}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH ()-[e:DERIVED_FROM]->()
WHERE ($kind IS NULL OR e.relation IN $kind)
  AND CASE WHEN $as_of IS NULL THEN e.status = 'current'
           ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, e, startNode(e) AS c, endNode(e) AS x
WHERE c:Model AND c <> x AND CASE WHEN $as_of IS NULL THEN c.status = 'listed'
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
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY children DESC, status <> 'listed', status <> 'gone', coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

// Listed models whose parent is gone
//
// One row for each listed model and each of its direct parents that was listed before and is now deleted or private.
// What was made from the parent is still there, but the parent's licence, card and terms can no longer be read on the
// Hub, and a rights request can reach only the models made from it. Nobody outside the Hub can tell whether a parent
// was deleted or made private. Parents that were never listed are in `absent_parents`. The models with the most
// children of their own come first.
//
// An edited card does not change the weights, so links that the child no longer declares count as well. Their
// rows come after all others.
//
// @param kind list<string> default=null — only models whose link to the parent is of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the listed model's name
// @returns parent string — the gone parent's last name
// @returns gone_at datetime — when a crawl first found the parent missing
// @returns gone_reason string — deleted_or_private, or unknown
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns certainty string — the evidence for the link: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: the model no longer declares the parent
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns parent_license string — the licence the parent declared last
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no crawl has seen a parent of a listed model within the given filters go; what was deleted before the first crawl is in absent_parents
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
  AND CASE WHEN $as_of IS NULL THEN y.status = 'gone'
           ELSE y.listed_at <= at AND (coalesce(y.gone_at <= at, false)
                OR coalesce(size([t IN y.absences WHERE t <= at]) % 2 = 1, false)) END
RETURN x.id AS id,
       y.id AS parent,
       coalesce([t IN y.absences WHERE t <= at][-1], y.gone_at) AS gone_at,
       y.gone_reason AS gone_reason,
       e.relation AS relation,
       e.certainty AS certainty,
       CASE WHEN coalesce(e.withdrawn_at > at, true) AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)
            THEN 'current' ELSE 'withdrawn' END AS link_status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       y.license AS parent_license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY link_status, children DESC, coalesce(downloads, 0) DESC, id, parent, x.key, y.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

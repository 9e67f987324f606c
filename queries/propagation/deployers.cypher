// Who runs a model and what descends from it
//
// One row for each model that an inference provider serves through the Hub: the model itself and its descendants, nearest
// first, and at the same depth those with the most children. The providers are those that the Hub's listing
// names today and whose status there is live. A model without a row may still be run by anybody: the listing does not show
// who took the weights and runs them elsewhere.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. A path
// without such a link is better than any path with one. Descendants to which every path uses such a link are withdrawn;
// their rows come after all others.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the name of the model that is run: the model itself, at depth 0, or a descendant
// @returns providers list<string> — the inference providers that serve it, by name
// @returns depth integer — the number of steps on the shortest path
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request)
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no inference provider is listed for the model or for a descendant within the given filters
// @budget 20 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, along: null, as_of: null, include_withdrawn: true, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
CALL (m, at, withdrawn) {
  MATCH p = (m)<-[:DERIVED_FROM*0..100]-(x:Model)
  WHERE all(e IN relationships(p) WHERE ($along IS NULL OR e.relation IN $along)
        AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                 ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                      AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
  RETURN x, min(length(p)) AS depth
}
WITH x, min([withdrawn, depth]) AS best
WHERE best[1] <= coalesce($max_depth, 100) AND x.status = 'listed' AND size(x.providers) > 0
RETURN x.id AS id,
       x.providers AS providers,
       best[1] AS depth,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       x.gated AS gated,
       x.downloads AS downloads,
       x.url AS url
ORDER BY link_status, depth, children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

// The models that share a parent with a model
//
// One row for each model that derives directly from a parent of this model, with the parents that they share; most
// shared parents first, then listed models, then those with the most children. Siblings do not descend from each other:
// what one of them holds, another need not hold. Gone siblings are included; see `status`. A link from a model to
// itself does not count. With `include_withdrawn`, siblings that share a parent only by links that are no longer
// declared come after all others.
//
// @param model string required — the model's name on the Hub, or its key
// @param kind list<string> default=null — only siblings whose own link to the shared parent is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param status list<string> default=null — only siblings of these statuses: listed, gone, absent; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param order string default="important" — important: the important rows first; name: by name alone
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the sibling's name
// @returns parents list<string> — the parents that both have
// @returns relations list<string> — the kinds of the sibling's links to them
// @returns certainty string — the weaker of the two links to the parent that they share most certainly: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns link_status string — current; withdrawn: for each shared parent, one of the two no longer declares it
// @returns status string — listed, gone (deleted or private) or absent (named by others, never listed)
// @returns owner string — who publishes it
// @returns children integer — how many models declare it as their parent, or once did
// @returns license string — the licence it declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — it declares no parent within the given filters, or no other model declares the same one
// @budget 3 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', kind: null, along: null, status: null, as_of: null, include_withdrawn: false, order: 'important', limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
MATCH (m)-[up:DERIVED_FROM]->(y:Model)
WHERE y <> m AND ($along IS NULL OR up.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR up.status = 'current'
               ELSE up.first_seen <= at AND ($include_withdrawn OR coalesce(up.withdrawn_at > at, true)
                    AND coalesce(size([t IN up.absences WHERE t <= at]) % 2 = 0, true)) END
MATCH (y)<-[e:DERIVED_FROM]-(x:Model)
WHERE x <> m AND x <> y AND ($kind IS NULL OR e.relation IN $kind)
      AND ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
WITH at, certainties, x, y, up, e,
     CASE WHEN $as_of IS NULL THEN up.status = 'withdrawn'
          ELSE NOT (coalesce(up.withdrawn_at > at, true)
                    AND coalesce(size([t IN up.absences WHERE t <= at]) % 2 = 0, true)) END
     OR CASE WHEN $as_of IS NULL THEN e.status = 'withdrawn'
             ELSE NOT (coalesce(e.withdrawn_at > at, true)
                       AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END AS withdrawn
ORDER BY y.id, y.key
WITH at, certainties, x, collect(y.id) AS parents, collect(DISTINCT e.relation) AS relations,
     min([withdrawn,
          last([s IN range(1, size(certainties)) WHERE certainties[s - 1] IN [up.certainty, e.certainty]])]) AS best
WITH x, parents, relations, certainties, best,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
WHERE $status IS NULL OR status IN $status
RETURN x.id AS id,
       parents,
       relations,
       certainties[best[1] - 1] AS certainty,
       CASE WHEN best[0] THEN 'withdrawn' ELSE 'current' END AS link_status,
       status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY CASE $order WHEN 'name' THEN id END, link_status, size(parents) DESC, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

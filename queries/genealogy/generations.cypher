// The descendants of a model, counted by generation
//
// One row for each generation below the model: the descendants whose shortest path back to it has that many steps. The
// columns from `copies` to `unknown` count models by the kind of their links to the generation before. A model with
// links of two kinds counts in both columns, so the columns may add up to more than `models`. Gone models are included,
// and counted separately. A model is never its own descendant. Paths have at most 100 steps, more than the longest
// known chain.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out models that are more than this many steps away (at most 100)
// @param kind list<string> default=null — only descendants whose own link to the model or to another descendant is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
//
// @returns depth integer — the generation: 1 for children, 2 for grandchildren and so on
// @returns models integer — how many models it has
// @returns listed integer — how many of them are listed
// @returns gone integer — how many of them are gone (deleted or private)
// @returns owners integer — how many owners publish them
// @returns copies integer — how many are unchanged copies from the generation before
// @returns finetunes integer — how many are fine-tuned from the generation before
// @returns adapters integer — how many are adapters of it
// @returns quantized integer — how many are quantised, or converted to another format, from it
// @returns merges integer — how many are merges of it
// @returns unknown integer — how many derive from it without declaring the kind
// @returns inferred integer — how many derive from it by inferred links only
// @empty — no model within the given filters is declared to descend from it
// @budget 10 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, kind: null, along: null, as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH p = (m)<-[:DERIVED_FROM*0..99]-(y:Model)
WHERE all(e IN relationships(p) WHERE ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
WITH m, at, y, min(length(p)) AS above
MATCH (y)<-[e:DERIVED_FROM]-(x:Model)
WHERE x <> y AND x <> m AND ($kind IS NULL OR e.relation IN $kind)
      AND ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END
WITH at, x, min(above) AS least, collect([above, e.relation, e.certainty]) AS links
WITH at, x, least + 1 AS depth, [l IN links WHERE l[0] = least] AS links
WHERE depth <= coalesce($max_depth, 100)
WITH x, depth, [l IN links | l[1]] AS kinds, all(l IN links WHERE l[2] = 'inferred') AS inferred, CASE WHEN $as_of IS NULL THEN x.status
                          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
                          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
                          ELSE 'listed' END AS status
RETURN depth,
       count(*) AS models,
       count(CASE status WHEN 'listed' THEN 1 END) AS listed,
       count(CASE status WHEN 'gone' THEN 1 END) AS gone,
       count(DISTINCT x.owner) AS owners,
       count(CASE WHEN 'copy' IN kinds THEN 1 END) AS copies,
       count(CASE WHEN 'finetune' IN kinds THEN 1 END) AS finetunes,
       count(CASE WHEN 'adapter' IN kinds THEN 1 END) AS adapters,
       count(CASE WHEN 'quantized' IN kinds THEN 1 END) AS quantized,
       count(CASE WHEN 'merge' IN kinds THEN 1 END) AS merges,
       count(CASE WHEN 'unknown' IN kinds THEN 1 END) AS unknown,
       count(CASE WHEN inferred THEN 1 END) AS inferred
ORDER BY depth;

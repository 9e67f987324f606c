// A model's descendants, counted by generation
//
// One row for each generation below the model: its descendants whose shortest way back has that many steps. The columns
// finetunes to unknown count by the links that lead to the generation before: a model that has two of different kinds is
// counted in both, so that they may add up to more than `models`. Gone models are counted too, and apart; a model is
// never its own descendant. Steps are followed up to 100 deep.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param max_depth integer default=100 — leave out what is further away than so many steps (at most 100)
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
//
// @returns depth integer — the generation: 1 for children, 2 for grandchildren, and so on
// @returns models integer — how many models it has
// @returns listed integer — how many of them are listed
// @returns gone integer — how many are gone: deleted or private
// @returns owners integer — how many owners publish them
// @returns finetunes integer — derived from the generation before by fine-tuning
// @returns adapters integer — as adapters
// @returns quantized integer — by quantisation or another change of format
// @returns merges integer — by merging
// @returns unknown integer — derived, but not said how
// @empty — no model is declared to descend from it, as far as was asked
// @budget 10 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', max_depth: 100, relations: null, as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
MATCH p = (m)<-[:DERIVED_FROM*0..99]-(y:Model)
WHERE all(e IN relationships(p) WHERE e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
      AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
           AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
WITH m, at, y, min(length(p)) AS above
MATCH (y)<-[e:DERIVED_FROM]-(x:Model)
WHERE x <> y AND x <> m AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
      AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
           AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true))
WITH at, x, min(above) AS least, collect([above, e.relation]) AS links
WITH at, x, least + 1 AS depth, [l IN links WHERE l[0] = least | l[1]] AS kinds
WHERE depth <= coalesce($max_depth, 100)
WITH x, depth, kinds, CASE WHEN $as_of IS NULL THEN x.status
                          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
                          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
                          ELSE 'listed' END AS status
RETURN depth,
       count(*) AS models,
       count(CASE status WHEN 'listed' THEN 1 END) AS listed,
       count(CASE status WHEN 'gone' THEN 1 END) AS gone,
       count(DISTINCT x.owner) AS owners,
       count(CASE WHEN 'finetune' IN kinds THEN 1 END) AS finetunes,
       count(CASE WHEN 'adapter' IN kinds THEN 1 END) AS adapters,
       count(CASE WHEN 'quantized' IN kinds THEN 1 END) AS quantized,
       count(CASE WHEN 'merge' IN kinds THEN 1 END) AS merges,
       count(CASE WHEN 'unknown' IN kinds THEN 1 END) AS unknown
ORDER BY depth;

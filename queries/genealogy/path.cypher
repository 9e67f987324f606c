// How one model descends from another
//
// The shortest path between two models, one row for each step, from the descendant to the ancestor. Either of the two
// may be the ancestor. Where several paths are equally short, one of them is shown. Where the two descend from each
// other in a cycle, the path from `model` to `other` is shown. No row means that neither is declared to descend from
// the other within 100 steps: they may still share an ancestor, or be related without declaring it.
//
// @param model string required — a model's name on the Hub, or its key
// @param other string required — the other model's name on the Hub, or its key
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
//
// @returns step integer — the number of the step, from 1 at the descendant
// @returns child string — the name of the model that is derived
// @returns parent string — the name of the model that it is derived from
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns certainty string — how sure the link is: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns link_status string — current, or withdrawn (the child no longer declares it)
// @returns child_status string — the child's status: listed, gone or absent
// @returns parent_status string — the parent's status: listed, gone or absent
// @empty — neither is declared to descend from the other within 100 steps and the given filters, or both are the same model
// @budget 1 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', other: 'mistralai/Mistral-7B-v0.1', along: null, as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH (o:Model) WHERE o.id = $other OR o.key = $other
WITH m, o, at
ORDER BY o.key = $other DESC, o.status <> 'listed', o.status <> 'gone', o.key DESC LIMIT 1
WITH m, o, at WHERE m <> o
OPTIONAL MATCH up = shortestPath((m)-[:DERIVED_FROM*1..100]->(o))
WHERE all(e IN relationships(up) WHERE ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
OPTIONAL MATCH down = shortestPath((o)-[:DERIVED_FROM*1..100]->(m))
WHERE all(e IN relationships(down) WHERE ($along IS NULL OR e.relation IN $along)
      AND CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
WITH at, coalesce(up, down) AS way WHERE way IS NOT NULL
UNWIND range(1, length(way)) AS step
WITH at, step, relationships(way)[step - 1] AS e, nodes(way)[step - 1] AS c, nodes(way)[step] AS p
RETURN step,
       c.id AS child,
       p.id AS parent,
       e.relation AS relation,
       e.certainty AS certainty,
       e.sources AS sources,
       CASE WHEN coalesce(e.withdrawn_at > at, true)
                 AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) THEN 'current'
            ELSE 'withdrawn' END AS link_status,
       CASE WHEN $as_of IS NULL THEN c.status
            WHEN NOT coalesce(c.listed_at <= at, false) THEN 'absent'
            WHEN c.gone_at <= at OR size([t IN c.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS child_status,
       CASE WHEN $as_of IS NULL THEN p.status
            WHEN NOT coalesce(p.listed_at <= at, false) THEN 'absent'
            WHEN p.gone_at <= at OR size([t IN p.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS parent_status
ORDER BY step;

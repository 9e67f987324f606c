// The models that a model is derived from directly
//
// One row for each parent that the model declares, with where that is said and what kind of step it is. A parent that is
// gone or was never listed is a row like any other: see its status. A link of the model to itself is left out.
// No row means that nothing is declared, not that the model was made from nothing.
//
// `resolved_by` says how the declared name led to the parent: base_models (the Hub's own key), current_id, gone_id (the last
// name of a model that is gone), former_name, other_case, legacy_name (without an owner), redirect, or absent (no model was found).
//
// @param model string required — the child's name on the Hub, or its key
// @param relations list<string> default=null — only steps of these kinds; null: all
// @param as_of datetime default=null — answer as of this time, or the end of this day (UTC); null: as it stands now
// @param include_withdrawn boolean default=false — follow links too that a model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the parent's name
// @returns relation string — finetune, adapter, quantized, merge, or unknown: derived, but not said how
// @returns sources list<string> — where it is said: hub, tag, card, adapter_config, inferred
// @returns claims list<string> — what a source says that disagrees with the relation, such as card:finetune
// @returns declared_as list<string> — how the child spells the parent's name
// @returns resolved_by string — how the name was resolved, as base_models or current_id; null: inferred, nobody declared it
// @returns rule string — where something about the link is inferred: by which rule
// @returns link_status string — current, or withdrawn: the child does not declare it any more
// @returns link_since datetime — when a crawl first saw the link
// @returns status string — of the parent: listed, gone or absent
// @returns owner string — who publishes the parent
// @returns license string — the licence that the parent declares
// @returns gated string — whether the parent is open (false), or asks for access: auto or manual
// @returns url string — the parent's page on the Hub
// @empty — it declares no parent, as far as was asked
// @budget 0.1 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', relations: null, as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.gone_at DESC, m.key LIMIT 1
MATCH (m)-[e:DERIVED_FROM]->(x:Model)
WHERE x <> m AND e.first_seen <= at AND ($relations IS NULL OR e.relation IN $relations)
WITH x, e, at, coalesce(e.withdrawn_at > at, true)
               AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) AS declared
WHERE declared OR $include_withdrawn
RETURN x.id AS id,
       e.relation AS relation,
       e.sources AS sources,
       e.claims AS claims,
       e.declared_as AS declared_as,
       e.resolved_by AS resolved_by,
       e.rule AS rule,
       CASE WHEN declared THEN 'current' ELSE 'withdrawn' END AS link_status,
       e.first_seen AS link_since,
       CASE WHEN $as_of IS NULL THEN x.status
            WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
            WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
            ELSE 'listed' END AS status,
       x.owner AS owner,
       x.license AS license,
       x.gated AS gated,
       x.url AS url
ORDER BY id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

// The models that a model derives from directly
//
// One row for each parent that the model declares, with the evidence and the kind of the link; current links before
// withdrawn ones, then listed parents, then those with the most children. Parents that are gone or were never listed
// are included; see `status`. A link from a model to itself does not count. No row means that no parent is declared. It
// does not mean that the model was trained from scratch.
//
// `resolved_by` says how the declared name led to the parent: base_models (the Hub's own key), current_id, gone_id (the
// last name of a model that is gone), former_name, other_case, legacy_name (a name without an owner), redirect, or
// absent (no model was found).
//
// @param model string required — the child's name on the Hub, or its key
// @param kind list<string> default=null — only parents to which the model's link is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param status list<string> default=null — only parents of these statuses: listed, gone, absent; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param order string default="important" — important: the important rows first; name: by name alone
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the parent's name
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns certainty string — how sure the link is: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns claims list<string> — the relations claimed by sources that disagree, such as card:finetune
// @returns declared_as list<string> — the spellings that the child uses for the parent's name
// @returns resolved_by string — how the name was resolved, such as base_models or current_id; null: the link is only inferred
// @returns rule string — the rule that inferred the link or its kind; null: nothing was inferred
// @returns link_status string — current, or withdrawn (the child no longer declares it)
// @returns link_since datetime — when a crawl first saw the link
// @returns status string — the parent's status: listed, gone or absent
// @returns owner string — who publishes the parent
// @returns children integer — how many models declare the parent as their parent, or once did
// @returns license string — the licence the parent declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — the parent's downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — the parent's page on the Hub; null: it is not listed today
// @empty — it declares no parent within the given filters
// @budget 0.1 s
//
// :param {model: 'TheBloke/zephyr-7B-beta-GGUF', kind: null, along: null, status: null, as_of: null, include_withdrawn: false, order: 'important', limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH (m)-[e:DERIVED_FROM]->(x:Model)
WHERE x <> m AND e.first_seen <= at AND ($kind IS NULL OR e.relation IN $kind)
      AND ($along IS NULL OR e.relation IN $along)
WITH x, e, at, coalesce(e.withdrawn_at > at, true)
               AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) AS declared
WHERE declared OR $include_withdrawn
WITH x, e, declared,
     CASE WHEN $as_of IS NULL THEN x.status
          WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
          WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
          ELSE 'listed' END AS status
WHERE $status IS NULL OR status IN $status
RETURN x.id AS id,
       e.relation AS relation,
       e.certainty AS certainty,
       e.sources AS sources,
       e.claims AS claims,
       e.declared_as AS declared_as,
       e.resolved_by AS resolved_by,
       e.rule AS rule,
       CASE WHEN declared THEN 'current' ELSE 'withdrawn' END AS link_status,
       e.first_seen AS link_since,
       status,
       x.owner AS owner,
       COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
       x.license AS license,
       CASE x.status WHEN 'listed' THEN x.gated END AS gated,
       x.downloads AS downloads,
       CASE x.status WHEN 'listed' THEN x.url END AS url
ORDER BY CASE $order WHEN 'name' THEN id END, link_status, status <> 'listed', status <> 'gone', children DESC, coalesce(downloads, 0) DESC, id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));

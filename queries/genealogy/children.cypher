// The models derived directly from a model
//
// One row for each child that declares the model as its parent, with the evidence and the kind of the link; current
// links before withdrawn ones, then listed children, then those with the most children of their own. Children that are
// gone are included, since copied weights do not come back; see `status`. A link from a model to itself does not count.
// Only declared and inferred links are known: a child that names no parent is missing here.
//
// @param model string required — the parent's name on the Hub, or its key
// @param kind list<string> default=null — only children whose link to the model is of these kinds; null: all
// @param along list<string> default=null — use only links of these kinds, at every step; null: all
// @param status list<string> default=null — only children of these statuses: listed, gone, absent; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param order string default="important" — important: the important rows first; name: by name alone
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the child's name
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns certainty string — how sure the link is: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns claims list<string> — the relations claimed by sources that disagree, such as card:finetune
// @returns declared_as list<string> — the spellings that the child uses for the parent's name
// @returns link_status string — current, or withdrawn (the child no longer declares it)
// @returns link_since datetime — when a crawl first saw the link
// @returns status string — the child's status: listed, gone or absent
// @returns owner string — who publishes the child
// @returns children integer — how many models declare the child as their parent, or once did
// @returns license string — the licence the child declares
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns downloads integer — the child's downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — the child's page on the Hub; null: it is not listed today
// @empty — no model within the given filters declares it as its parent
// @budget 4 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', kind: null, along: null, status: null, as_of: null, include_withdrawn: false, order: 'important', limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
MATCH (m)<-[e:DERIVED_FROM]-(x:Model)
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

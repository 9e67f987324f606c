// The record of one data set
//
// One row: the data set as the Hub last listed it, with the names that it had, what it is made from, and how many data sets are
// made from it and how many models name it. Links that a card no longer declares do not count. A missing value was not declared,
// which says nothing about the data set itself. Where crawls do not walk the list of data sets, each one is absent, and only its
// name and its models are known.
//
// @param dataset string required — the data set's name on the Hub, in any case, or its key
//
// @returns id string — its name; the last one if it is gone
// @returns key string — its key in the graph: the Hub's own id, which stays the same when the name changes
// @returns status string — listed, gone (deleted or private) or absent (named by others, in no listing that a crawl walked)
// @returns gone_reason string — deleted_or_private, or unknown
// @returns owner string — who publishes it
// @returns former_names list<string> — the names it had before, and those from which the Hub leads to it
// @returns made_from list<string> — the data sets that its card names as its sources
// @returns made_into integer — how many data sets name it as a source, including those that are gone
// @returns models integer — how many models name it; `dataset_impact` lists them, and what descends from them
// @returns created_at datetime — when its repository was created
// @returns modified_at datetime — when its repository last changed
// @returns first_seen datetime — when a walk over the data sets first saw its name
// @returns listed_at datetime — when a crawl first found it listed
// @returns gone_at datetime — when a crawl first found it missing
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns likes integer — its likes on the Hub
// @returns gated string — false (open), auto (whoever asks gets access) or manual (the owner decides on each request); null: it is not listed today
// @returns disabled boolean — whether the Hub has disabled it
// @returns licenses list<string> — the licences it declares
// @returns languages list<string> — the languages it declares
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — the graph has no data set of that name or key
// @budget 0.1 s
//
// :param {dataset: 'rajpurkar/squad'}

MATCH (d:Dataset) WHERE d.id_lower = toLower($dataset) OR d.key = $dataset
WITH d ORDER BY d.key = $dataset DESC, d.status <> 'listed', d.status <> 'gone', d.key DESC LIMIT 1
RETURN d.id AS id,
       d.key AS key,
       d.status AS status,
       d.gone_reason AS gone_reason,
       d.owner AS owner,
       coalesce(d.former_names, []) AS former_names,
       COLLECT { MATCH (d)-[e:DERIVED_FROM]->(x:Dataset) WHERE x <> d AND e.status = 'current' RETURN x.id AS name ORDER BY name } AS made_from,
       COUNT { MATCH (d)<-[e:DERIVED_FROM]-(x:Dataset) WHERE x <> d AND e.status = 'current' } AS made_into,
       COUNT { (d)<-[:TRAINED_ON]-(:Model) } AS models,
       d.created_at AS created_at,
       d.modified_at AS modified_at,
       d.first_seen AS first_seen,
       d.listed_at AS listed_at,
       d.gone_at AS gone_at,
       d.downloads AS downloads,
       d.likes AS likes,
       CASE d.status WHEN 'listed' THEN d.gated END AS gated,
       d.disabled AS disabled,
       COLLECT { MATCH (d)-[:LICENSED_UNDER]->(l:License) RETURN l.id AS name ORDER BY name } AS licenses,
       d.languages AS languages,
       CASE d.status WHEN 'listed' THEN d.url END AS url
ORDER BY id;

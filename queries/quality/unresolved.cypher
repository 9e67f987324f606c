// Declared parents that no listing ever held
//
// One row for each name that models declare as their parent and that, as far as the crawls know, no model has or had;
// most listed children first. Such a parent may have been deleted or made private before the first crawl, be somewhere
// else than on the Hub, or be a typing error: the listing does not tell. A declaration that cannot name anything on the
// Hub, such as a local path, is not listed here: it was rejected when the crawl read it. The name is the first spelling
// seen; `spellings` has all of them.
//
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the declared name
// @returns children integer — how many listed models declare it today
// @returns gone_children integer — how many models that are gone declared it
// @returns spellings list<string> — the spellings that they use for the name
// @returns relations list<string> — the kinds of their links: copy, finetune, adapter, quantized, merge, unknown
// @returns example string — the most downloaded of the listed models that declare it
// @returns first_seen datetime — when a crawl first saw the name
// @empty — every declared parent within the given filters is or was a model of the Hub
// @budget 8 s
//
// :param {include_withdrawn: false, limit: 25}

MATCH (x:Model) WHERE x.key STARTS WITH 'absent:'
MATCH (c:Model)-[e:DERIVED_FROM]->(x)
WHERE e.status = 'current' OR $include_withdrawn
WITH x, c, e ORDER BY coalesce(c.downloads, 0) DESC, c.id, c.key
WITH x, sum(CASE WHEN c.status = 'listed' AND e.status = 'current' THEN 1 ELSE 0 END) AS children,
     sum(CASE WHEN c.status = 'gone' AND e.status = 'current' THEN 1 ELSE 0 END) AS gone_children,
     collect(e) AS links, head(collect(CASE WHEN c.status = 'listed' AND e.status = 'current' THEN c.id END)) AS example
ORDER BY children DESC, gone_children DESC, x.id, x.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
RETURN x.id AS id,
       children,
       gone_children,
       COLLECT { UNWIND links AS e UNWIND e.declared_as AS spelling RETURN DISTINCT spelling ORDER BY spelling } AS spellings,
       COLLECT { UNWIND links AS e RETURN DISTINCT e.relation AS relation ORDER BY relation } AS relations,
       example,
       x.first_seen AS first_seen
ORDER BY children DESC, gone_children DESC, id, x.key;

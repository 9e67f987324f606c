// Parents that are named, but that no listing ever held
//
// One row for each name that models declare as their parent and that no model bears or bore as far as the crawls know,
// the one that most listed models name first. Such a parent may have been deleted or made private before the first crawl,
// lie elsewhere than on the Hub, or be a slip of the pen: the listing does not tell. What names nothing that a Hub could
// hold, such as a local path, is no row: it was rejected when the crawl read it. The name is the first spelling that was
// seen; all are in `spellings`.
//
// @param include_withdrawn boolean default=false — also names that no model declares any more
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the name that is declared
// @returns children integer — how many listed models name it today
// @returns gone_children integer — how many models name it that are gone
// @returns spellings list<string> — how they spell it
// @returns relations list<string> — how they say they derive from it: finetune, adapter, quantized, merge, unknown
// @returns example string — of the listed models that name it, the most downloaded one
// @returns first_seen datetime — when a crawl first met the name
// @empty — every declared parent is, or was, a model of the Hub
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

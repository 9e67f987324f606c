// How many families there are of each size
//
// One row for each range of sizes: 2 to 3 models, 4 to 7, 8 to 15 and so on. A family is everything that current links
// connect, in either direction, including models that are gone or absent. A model without links is not a family. A
// merge joins the families of its parents, so one family may hold a large part of the Hub. The figures are computed
// with each crawl and describe the newest one. `largest_families` names the largest.
//
// @returns size_from integer — the smallest size in the range
// @returns size_to integer — the largest size in the range; in the last range, the size of the largest family
// @returns families integer — how many families have such a size
// @returns share float — their share of all families
// @empty — no model in the graph has a parent, or an earlier version loaded the graph: run hub-genealogy rebuild
// @budget 0.1 s
//
// :param {}

MATCH (c:Crawl) WHERE c.state = 'loaded'
WITH c ORDER BY c.id DESC LIMIT 1
UNWIND range(1, size(coalesce(c.family_size_profile, [])) - 1) AS i
WITH c, i, c.family_size_profile[i] AS families, toInteger(2 ^ i) AS size_from
RETURN size_from,
       CASE WHEN 2 * size_from > c.largest_family THEN c.largest_family ELSE 2 * size_from - 1 END AS size_to,
       families,
       toFloat(families) / c.families AS share
ORDER BY size_from;

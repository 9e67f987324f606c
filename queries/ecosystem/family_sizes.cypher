// How many families there are of each size
//
// One row for each class of sizes: 2 to 3 models, 4 to 7, 8 to 15 and so on. A family is all that hangs together by links
// that hold today, in whichever direction, with members that are gone or were never listed; a model without any link is
// no family. A merge joins the families of its parents, so one family may hold a good part of the Hub. The figures
// are made when a crawl is loaded, and are those of the newest one; `largest_families` has the largest by name.
//
// @returns size_from integer — the smallest size of the class
// @returns size_to integer — the largest size of the class; of the last class, the size of the largest family
// @returns families integer — how many families are of such a size
// @returns share float — of all families
// @empty — no model of the graph has a parent, or it was loaded by an earlier version: see hub-genealogy rebuild
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

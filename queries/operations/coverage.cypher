// How much the graph knows about the listed models
//
// One row for each thing that may be known about a model, such as a parent, a card or a licence, with the number of
// models for which it is known. The shares describe what is declared and readable. They do not measure what is true: a
// model without a declared parent may well have one. A study of 2025 (A First Look at Model Supply Chain) estimates
// that declared lineage covers 68.5 % of the real derivations. `of` is the number that `models` is compared with: all
// models in the graph, the listed ones, or the listed ones with a parent. What an earlier version did not count is left out. The figures are computed with each crawl and
// describe the newest one; with `as_of`, the last crawl that had begun by then.
//
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
//
// @returns measure string — what is counted
// @returns models integer — for how many models it is known
// @returns of integer — of how many models
// @returns share float — models divided by of; null: of is 0
// @returns meaning string — the measure in words
// @empty — the graph has no model, no crawl had begun by then, or an earlier version loaded the graph: the next crawl adds the counts
// @budget 0.1 s
//
// :param {as_of: null}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH (c:Crawl) WHERE c.state = 'loaded' AND c.started_at <= at
WITH c ORDER BY c.id DESC LIMIT 1
WITH c, c.models_listed AS listed, c.listed_with_parent AS derived, c.models_listed + c.models_gone + c.models_absent AS known
WHERE known > 0 AND c.listed_with_card IS NOT NULL
UNWIND [
  ['listed', listed, known, 'models of the graph that are listed'],
  ['gone', c.models_gone, known, 'models of the graph that are gone: deleted or private'],
  ['absent', c.models_absent, known, 'models of the graph that are known by name only: no listing ever held them'],
  ['with_card', c.listed_with_card, listed, 'listed models with a card'],
  ['with_license', c.listed_with_license, listed, 'listed models that declare a licence'],
  ['with_parent', derived, listed, 'listed models that declare a parent other than themselves'],
  ['with_several_parents', c.listed_with_several_parents, derived, 'listed models with a parent that declare more than one'],
  ['with_absent_parent', c.listed_with_absent_parent, derived, 'listed models with a parent that is known by name only'],
  ['with_gone_parent', c.listed_with_gone_parent, derived, 'listed models with a parent that is gone'],
  ['with_undeclared_parent', c.listed_with_undeclared_parent, derived, 'listed models whose record declares no parent: others name it'],
  ['with_known_card', c.listed_with_known_card, listed, 'listed models whose card was asked for as it is today'],
  ['with_known_files', c.listed_with_known_files, listed, 'listed models whose weight files were asked for as they are today']
] AS row
WITH row WHERE row[1] IS NOT NULL
RETURN row[0] AS measure,
       row[1] AS models,
       row[2] AS of,
       CASE WHEN row[2] > 0 THEN toFloat(row[1]) / row[2] END AS share,
       row[3] AS meaning
ORDER BY of DESC, models DESC, measure;

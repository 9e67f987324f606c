// How much the graph knows of the models that are listed
//
// One row for each thing that may be known of a model, with how many of the listed models it is known of: a parent, a card, a
// licence and so on. These are shares of what is declared and could be read, and no measure of what is true: a model without a
// declared parent may well have one. By a study of 2025 (A First Look at Model Supply Chain) declared lineage covers about
// 68.5 % of the real derivations. `of` says of how many each count is: of all
// models of the graph, of those that are listed, or of those with a parent.
//
// @returns measure string — what is counted
// @returns models integer — how many it holds for
// @returns of integer — of how many
// @returns share float — the one over the other; null of nothing
// @returns meaning string — the measure in words
// @empty — the graph has no model at all
// @budget 20 s
//
// :param {}

CALL () {
  MATCH (m:Model)
  WITH m.status AS status, m.has_card AS has_card, m.license IS NOT NULL AS has_license, count(*) AS models
  UNWIND ['all', status] + CASE WHEN status <> 'listed' THEN [] ELSE
         [x IN ['with_card'] WHERE has_card] + [x IN ['with_license'] WHERE has_license] END AS measure
  RETURN measure, sum(models) AS models
  UNION ALL
  MATCH ()-[e:DERIVED_FROM]->() WHERE e.status = 'current'
  WITH startNode(e) AS m, endNode(e) AS p
  WHERE m <> p AND m.status = 'listed'
  WITH m, count(*) > 1 AS several, sum(CASE p.status WHEN 'absent' THEN 1 ELSE 0 END) > 0 AS absent,
       sum(CASE p.status WHEN 'gone' THEN 1 ELSE 0 END) > 0 AS gone
  WITH several, absent, gone, count(*) AS models
  UNWIND ['with_parent'] + [x IN ['with_several_parents'] WHERE several] + [x IN ['with_absent_parent'] WHERE absent]
         + [x IN ['with_gone_parent'] WHERE gone] AS measure
  RETURN measure, sum(models) AS models
}
WITH collect([measure, models]) AS counts
UNWIND [
  ['listed', 'all', 'models of the graph that are listed today'],
  ['gone', 'all', 'models of the graph that are gone: deleted or private'],
  ['absent', 'all', 'models of the graph that are known by name only: no listing ever held them'],
  ['with_card', 'listed', 'listed models with a card'],
  ['with_license', 'listed', 'listed models that declare a licence'],
  ['with_parent', 'listed', 'listed models that declare a parent other than themselves'],
  ['with_several_parents', 'with_parent', 'of these, models that declare more than one'],
  ['with_absent_parent', 'with_parent', 'of these, models with a parent that is known by name only'],
  ['with_gone_parent', 'with_parent', 'of these, models with a parent that is gone']
] AS row
WITH row, reduce(n = 0, c IN counts | n + CASE c[0] WHEN row[0] THEN c[1] ELSE 0 END) AS models,
     reduce(n = 0, c IN counts | n + CASE c[0] WHEN row[1] THEN c[1] ELSE 0 END) AS of, size(counts) AS known
WHERE known > 0
RETURN row[0] AS measure,
       models,
       of,
       CASE WHEN of > 0 THEN toFloat(models) / of END AS share,
       row[2] AS meaning
ORDER BY measure;

// Find a name (edit the text, then run)
//
// Models, owners and data sets whose name contains every word of the text, in any case; the 50 best. `name` is what to
// paste after `model:` in Set parameters, or after `owner:` or `dataset:`. `found_as` is a former name that matched.

WITH 'mistral 7b' AS text

WITH toLower(trim(text)) AS text
WITH text, reduce(plain = text, sign IN split('+-&|!(){}[]^"~*?:/\\<>=,;@#', '') | replace(plain, sign, ' ')) AS plain
WITH text, [word IN split(plain, ' ') WHERE word <> ''] AS words
WHERE words <> []
CALL (text, words) {
  CALL db.index.fulltext.queryNodes('model_names', reduce(terms = '', word IN words | terms + ' +*' + word + '*')) YIELD node
  OPTIONAL MATCH (node:FormerName)-[:NOW]->(now:Model)
  WITH coalesce(now, node) AS m, CASE WHEN now IS NOT NULL THEN node.id END AS former
  RETURN 'model' AS kind, m.id AS name, m.status AS status, former AS found_as, m.downloads AS downloads, m.url AS url
  UNION ALL
  MATCH (o:Owner)
  WHERE all(word IN words WHERE toLower(o.name) CONTAINS word)
  RETURN 'owner' AS kind, o.name AS name, null AS status, null AS found_as, null AS downloads,
         CASE WHEN NOT o.name =~ '(?i)forgotten-[a-z2-7]{16}' THEN 'https://huggingface.co/' + o.name END AS url
  UNION ALL
  MATCH (d:Dataset)
  WHERE all(word IN words WHERE d.id_lower CONTAINS word)
  RETURN 'data set' AS kind, d.id AS name, null AS status, null AS found_as, null AS downloads,
         CASE WHEN NOT d.id =~ '(?i)forgotten-[a-z2-7]{16}(/.*)?' THEN 'https://huggingface.co/datasets/' + d.id END AS url
}
WITH text, kind, name, status, found_as, downloads, url, toLower(coalesce(found_as, name)) AS lower
RETURN kind, name, status, found_as, downloads, url
ORDER BY CASE WHEN lower = text OR lower ENDS WITH '/' + text THEN 0 WHEN lower STARTS WITH text THEN 1 ELSE 2 END,
         coalesce(status, 'listed') <> 'listed', coalesce(downloads, 0) DESC, name, kind
LIMIT 50;

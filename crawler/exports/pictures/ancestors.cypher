// ancestors, drawn: what a model came from
//
// The models that the query ancestors lists for the same parameters, and the links by which it descends. Only `kind`
// and `status` do not count, because a drawing needs the models between. A model that is gone or absent says so before its name; a link that
// is withdrawn or inferred says so before its relation. These remarks are today's, whatever `as_of` is. Neo4j Browser
// draws 300 circles, so this takes the model and the first 299 of the answer.
//
// :param {model: 'mlabonne/NeuralBeagle14-7B-GGUF', max_depth: 100, along: null, as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
CALL (m, at, withdrawn) {
  MATCH p = (m)-[:DERIVED_FROM*1..100]->(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.first_seen <= at AND ($along IS NULL OR e.relation IN $along)
        AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH m, at, x, min([withdrawn, depth]) AS best
WHERE best[1] <= coalesce($max_depth, 100)
WITH m, at, x, best, COUNT { (x)<-[:DERIVED_FROM]-() } AS children
ORDER BY best, x.status <> 'listed', x.status <> 'gone', children DESC, coalesce(x.downloads, 0) DESC, x.id, x.key LIMIT 299
WITH m, at, collect(x) AS found
UNWIND [m] + found AS child
MATCH p = (child)-[e:DERIVED_FROM]->(parent:Model)
WHERE (parent = m OR parent IN found) AND e.first_seen <= at AND ($along IS NULL OR e.relation IN $along)
      AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
           AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true))
RETURN p;

// surroundings, drawn: parents, children, owner, licences, data sets, former names
//
// What is linked to one model directly: the models that the queries parents and children list for the same parameters,
// and everything else but its family. Remarks as in the other drawings. Neo4j Browser draws 300 circles, so this takes
// the model and 299 others, children last, the most important before others.
//
// :param {model: 'mistralai/Mistral-7B-v0.1', kind: null, along: null, status: null, as_of: null, include_withdrawn: false}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
CALL (m, at) {
  MATCH p = (m)-[e:DERIVED_FROM]-(x:Model)
  WHERE x <> m AND e.first_seen <= at AND ($kind IS NULL OR e.relation IN $kind)
        AND ($along IS NULL OR e.relation IN $along)
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true))
  WITH m, p, e, x, CASE WHEN $as_of IS NULL THEN x.status
                        WHEN NOT coalesce(x.listed_at <= at, false) THEN 'absent'
                        WHEN x.gone_at <= at OR size([t IN x.absences WHERE t <= at]) % 2 = 1 THEN 'gone'
                        ELSE 'listed' END AS status
  WHERE $status IS NULL OR status IN $status
  RETURN p, CASE startNode(e) WHEN m THEN 1 ELSE 2 END AS rank, x.status <> 'listed' AS away,
         COUNT { (x)<-[:DERIVED_FROM]-() } AS children, coalesce(x.downloads, 0) AS downloads
  UNION ALL
  MATCH p = (m)-[:PUBLISHED_BY|LICENSED_UNDER|TRAINED_ON|NOW]-()
  RETURN p, 0 AS rank, false AS away, 0 AS children, 0 AS downloads
}
RETURN p
ORDER BY rank, away, children DESC, downloads DESC
LIMIT 299;

// descendants, drawn: what a model became, up to three steps
//
// The links between a model and what descends from it, drawn; the 300 nearest. The query descendants has them all.
//
// :param {model: 'mistralai/Mistral-7B-v0.1'}

MATCH p = (:Model {id: $model})<-[:DERIVED_FROM*1..3]-(:Model)
RETURN p
ORDER BY length(p)
LIMIT 300;

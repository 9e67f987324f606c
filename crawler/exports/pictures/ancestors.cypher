// ancestors, drawn: what a model came from
//
// The links from a model to each of its ancestors, drawn; the 300 nearest.
//
// :param {model: 'mlabonne/NeuralBeagle14-7B-GGUF'}

MATCH p = (:Model {id: $model})-[:DERIVED_FROM*1..20]->(:Model)
RETURN p
ORDER BY length(p)
LIMIT 300;

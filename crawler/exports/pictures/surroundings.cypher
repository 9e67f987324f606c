// surroundings, drawn: parents, children, owner and licence of a model
//
// Everything that is linked to one model directly; 300 links at most.
//
// :param {model: 'mistralai/Mistral-7B-v0.1'}

MATCH p = (:Model {id: $model})--()
RETURN p
LIMIT 300;

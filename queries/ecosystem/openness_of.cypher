// How open one model is: 14 criteria, with the evidence
//
// One row for each criterion of Liesenfeld, Lopez & Dingemanse (2023), Opening up ChatGPT, under its name in their
// index: opencode, llmdata, llmweights, rldata, rlweights and license (availability); code, architecture, preprint,
// paper, modelcard and datasheet (documentation); package and api (access). The verdict follows from what the Hub's
// listing shows, and from nothing else. What it does not show is `not derivable`, never `closed`: the model may be
// more open than its record, and nobody has read its card, its paper or its code for this answer. Where a criterion
// asks for more than a listing can show, the best verdict is `partial`. `closed` is said of weights alone, where the
// Hub says that nobody gets them. docs/openness.md explains each rule.
//
// The base of a model is what it descends from that declares no parent; the llm criteria are about it. The rl criteria
// are about what was trained from there. A quantised copy holds the weights that it was made from. Only links that are
// declared today count. Of a model that is gone, everything but its weights is as it was last listed. Of an absent
// model nothing is known.
//
// openness counts how open all listed models are.
//
// @param model string required — the model's name on the Hub, or its key
//
// @returns criterion string — its name in the index
// @returns verdict string — open, partial, closed, or not derivable
// @returns reason string — what the verdict follows from
// @returns field string — the property that says so, or TRAINED_ON for data sets; null: none does
// @returns value string — its value
// @returns id string — the model in whose record that stands: this model, or a base of it
// @returns status string — whether that model is listed, gone or absent
// @returns url string — where to look: its page, or a paper; null: nowhere, or it is not listed today
// @empty — the graph has no such model
// @budget 1 s
//
// :param {model: 'HuggingFaceH4/zephyr-7b-beta'}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
// The model and all that it descends from, each with its own parents, its data sets and what is known of its weights.
CALL (m) {
  MATCH p = (m)-[:DERIVED_FROM*0..100]->(x:Model)
  WHERE all(e IN relationships(p) WHERE e.status = 'current')
  WITH DISTINCT x
  ORDER BY x.id, x.key
  RETURN collect({
    key: x.key, id: x.id, status: x.status, url: CASE x.status WHEN 'listed' THEN x.url END,
    relations: COLLECT { MATCH (x)-[e:DERIVED_FROM]->(y) WHERE y <> x AND e.status = 'current' RETURN DISTINCT e.relation },
    datasets: COLLECT { MATCH (x)-[:TRAINED_ON]->(d:Dataset)
                        RETURN {id: d.id, open: coalesce(d.status = 'listed' AND d.gated = 'false', false),
                                lost: coalesce(d.status = 'gone', false)} AS dataset },
    weights: CASE
      WHEN x.status = 'absent' THEN ['not derivable', 'no listing ever held it: nothing is known of it', 'status', 'absent']
      WHEN x.status = 'gone' AND x.gone_reason = 'deleted_or_private'
        THEN ['closed', 'it was deleted or made private', 'gone_reason', x.gone_reason]
      WHEN x.status = 'gone' THEN ['not derivable', 'it is no longer listed, and nobody knows why', 'status', 'gone']
      WHEN x.disabled THEN ['closed', 'the Hub has disabled the repository', 'disabled', 'true']
      WHEN coalesce(size(x.weight_formats), 0) = 0 AND x.parameters IS NULL
        THEN ['not derivable', 'no file format of weights is listed', null, null]
      WHEN x.gated = 'false' THEN ['open', 'its weights are listed and not gated', 'gated', 'false']
      WHEN x.gated = 'auto' THEN ['partial', 'its weights are gated: whoever asks gets access', 'gated', 'auto']
      WHEN x.gated = 'manual' THEN ['partial', 'its weights are gated: the owner decides', 'gated', 'manual']
      ELSE ['not derivable', 'whether its weights are gated is not known', null, null] END}) AS lineage
}
WITH m, lineage, [x IN lineage WHERE x.key = m.key][0] AS own, [x IN lineage WHERE size(x.relations) = 0] AS bases,
     [x IN lineage WHERE size(x.relations) > 0] AS derived
WITH m, lineage, own, bases, derived,
     any(x IN derived WHERE any(r IN x.relations WHERE r IN ['finetune', 'adapter', 'merge'])) AS tuned,
     all(x IN derived WHERE all(r IN x.relations WHERE r IN ['quantized', 'copy'])) AS copied
// The data sets that they name: for the base, for what was trained from it, and all of them.
CALL (lineage, bases, copied) {
  UNWIND CASE WHEN copied THEN lineage ELSE bases END AS x
  UNWIND x.datasets AS d
  WITH DISTINCT d
  ORDER BY d.id
  RETURN collect(d) AS llm_data
}
CALL (derived) {
  UNWIND derived AS x
  UNWIND x.datasets AS d
  WITH DISTINCT d
  ORDER BY d.id
  RETURN collect(d) AS rl_data
}
CALL (lineage) {
  UNWIND lineage AS x
  UNWIND x.datasets AS d
  WITH DISTINCT d
  ORDER BY d.id
  RETURN collect(d) AS all_data
}
// Of several bases, the one that shows least decides what is said.
CALL (bases) {
  UNWIND bases AS x
  WITH x, [rank IN range(0, 3) WHERE ['closed', 'not derivable', 'partial', 'open'][rank] = x.weights[0]][0] AS rank
  ORDER BY rank, x.id, x.key
  WITH collect(x) AS found, collect(DISTINCT x.weights[0]) AS verdicts
  RETURN found[0] AS least,
         CASE WHEN size(verdicts) = 1 THEN verdicts[0]
              WHEN 'open' IN verdicts OR 'partial' IN verdicts THEN 'partial'
              ELSE 'not derivable' END AS bases_verdict
}
CALL (m) {
  MATCH (m)-[:LICENSED_UNDER]->(l:License)
  WITH l ORDER BY l.id
  RETURN collect(l.id) AS licenses,
         sum(CASE WHEN l.osi_approved = 'yes' THEN 1 ELSE 0 END) AS approved,
         sum(CASE WHEN l.commercial_use IN ['no', 'conditions'] OR l.use_restrictions = 'yes' THEN 1 ELSE 0 END) AS restricted,
         sum(CASE WHEN l.commercial_use = 'yes' THEN 1 ELSE 0 END) AS known
}
WITH m, own, bases, tuned, copied, least, bases_verdict, licenses, approved, restricted, known, rl_data,
     coalesce([x IN bases WHERE size(x.datasets) > 0][0], bases[0]) AS naming,
     [data IN [llm_data, rl_data, all_data] |
       [CASE WHEN all(d IN data WHERE d.open) THEN ['open', 'every data set that is named is listed and open']
             WHEN all(d IN data WHERE d.lost) THEN ['not derivable', 'each data set that is named is gone from the Hub']
             ELSE ['partial', 'data sets are named; not all are known to be open'] END,
        substring(reduce(text = '', d IN data[..5] | text + ', ' + d.id), 2)
          + CASE WHEN size(data) > 5 THEN ' and ' + toString(size(data) - 5) + ' more' ELSE '' END,
        size(data)]] AS data,
     CASE WHEN tuned THEN null
          WHEN copied THEN "it declares no training of another model's weights"
          ELSE 'how it was made from its parent is not declared' END AS untuned,
     coalesce(m.architectures, []) AS architectures,
     [tag IN coalesce(m.papers, []) WHERE tag STARTS WITH 'arxiv:' OR tag STARTS WITH 'doi:10.48550/'] AS preprints,
     [tag IN coalesce(m.papers, []) WHERE tag STARTS WITH 'doi:10.57967/'] AS of_the_hub,
     [tag IN coalesce(m.papers, []) WHERE NOT (tag STARTS WITH 'arxiv:' OR tag STARTS WITH 'doi:10.48550/'
                                               OR tag STARTS WITH 'doi:10.57967/')] AS papers,
     [part IN [['license', size(licenses) > 0], ['languages', coalesce(size(m.languages), 0) > 0],
               ['datasets', size(own.datasets) > 0], ['pipeline_tag', m.pipeline_tag IS NOT NULL],
               ['library', m.library IS NOT NULL], ['base_model', size(own.relations) > 0]] WHERE part[1] | part[0]] AS card
// Verdict, reason, field, value, the record that they are about, and an address that is not its page.
WITH own, [
  ['opencode', ['not derivable', 'no field of the listing names its source code'], own],
  CASE WHEN NOT copied AND size(bases) = 0
         THEN ['llmdata', ['not derivable', 'its ancestors go round in a circle'], own]
       WHEN data[0][2] = 0 THEN ['llmdata', ['not derivable', 'no data set is named'], CASE WHEN copied THEN own ELSE naming END]
       ELSE ['llmdata', data[0][0] + ['TRAINED_ON', data[0][1]], CASE WHEN copied THEN own ELSE naming END] END,
  CASE WHEN copied THEN ['llmweights', own.weights, own]
       WHEN size(bases) = 0 THEN ['llmweights', ['not derivable', 'its ancestors go round in a circle'], own]
       ELSE ['llmweights', [bases_verdict] + least.weights[1..], least] END,
  CASE WHEN untuned IS NOT NULL THEN ['rldata', ['not derivable', untuned], own]
       WHEN data[1][2] = 0 THEN ['rldata', ['not derivable', 'no data set is named'], own]
       ELSE ['rldata', data[1][0] + ['TRAINED_ON', data[1][1]], own] END,
  CASE WHEN untuned IS NOT NULL THEN ['rlweights', ['not derivable', untuned], own]
       ELSE ['rlweights', own.weights, own] END,
  ['license',
   CASE WHEN size(licenses) = 0 THEN ['not derivable', 'no licence is declared']
        ELSE CASE WHEN approved = size(licenses) THEN ['open', 'its licence is approved by the OSI']
                  WHEN approved > 0 THEN ['partial', 'not all of its licences are approved by the OSI']
                  WHEN restricted > 0 THEN ['partial', 'its licence restricts what may be done with it']
                  WHEN known > 0 THEN ['partial', 'its licence is not known to be approved by the OSI']
                  ELSE ['not derivable', 'the terms of its licence are not known'] END
             + ['license', substring(reduce(text = '', l IN licenses | text + ', ' + l), 2)] END, own],
  ['code', ['not derivable', 'no field shows how its code is documented'], own],
  ['architecture',
   CASE WHEN size(architectures) > 0
          THEN ['partial', 'its configuration names it, and no training set-up', 'architectures',
                substring(reduce(text = '', a IN architectures | text + ', ' + a), 2)]
        WHEN m.model_type IS NOT NULL
          THEN ['partial', 'its configuration names it, and no training set-up', 'model_type', m.model_type]
        ELSE ['not derivable', 'no configuration names the architecture'] END, own],
  CASE WHEN size(preprints) = 0 THEN ['preprint', ['not derivable', 'no preprint is linked'], own]
       ELSE ['preprint', ['partial', 'a preprint is linked; what it covers is not known', 'papers',
                          substring(reduce(text = '', tag IN preprints | text + ', ' + tag), 2)], own, preprints[0]] END,
  CASE WHEN size(papers) > 0
         THEN ['paper', ['partial', 'a DOI is given; whether it was reviewed is unknown', 'papers',
                         substring(reduce(text = '', tag IN papers | text + ', ' + tag), 2)], own, papers[0]]
       WHEN size(of_the_hub) > 0
         THEN ['paper', ['not derivable', 'its only DOI is that of the repository itself', 'papers',
                         substring(reduce(text = '', tag IN of_the_hub | text + ', ' + tag), 2)], own, of_the_hub[0]]
       ELSE ['paper', ['not derivable', 'no DOI is given'], own] END,
  ['modelcard',
   CASE WHEN coalesce(m.has_card, false)
          THEN ['partial', 'its card has metadata; its text is not read', 'has_card',
                toString(size(card)) + ' of 6' + CASE WHEN size(card) > 0 THEN ': ' ELSE '' END
                  + substring(reduce(text = '', part IN card | text + ', ' + part), 2)]
        ELSE ['not derivable', 'no card with metadata is listed'] END, own],
  ['datasheet',
   CASE WHEN data[2][2] = 0 THEN ['not derivable', 'no data set is named']
        ELSE ['not derivable', 'data sets are named; their sheets are not known', 'TRAINED_ON', data[2][1]] END, own],
  ['package',
   CASE WHEN m.library IS NULL THEN ['not derivable', 'no library is named']
        ELSE ['partial', 'a library of others loads it', 'library', m.library] END, own],
  ['api',
   CASE WHEN m.status = 'listed' AND size(m.providers) > 0
          THEN ['open', 'inference providers serve it', 'providers',
                substring(reduce(text = '', p IN m.providers | text + ', ' + p), 2)]
        ELSE ['not derivable', 'no inference provider is listed for it'] END, own]] AS rows
UNWIND range(0, size(rows) - 1) AS place
WITH place, own, rows[place] AS row
WITH place, row[0] AS criterion, CASE own.status WHEN 'absent' THEN own.weights ELSE row[1] END AS said,
     CASE own.status WHEN 'absent' THEN own ELSE row[2] END AS about,
     CASE own.status WHEN 'absent' THEN null ELSE row[3] END AS paper
RETURN criterion,
       said[0] AS verdict,
       said[1] AS reason,
       said[2] AS field,
       said[3] AS value,
       about.id AS id,
       about.status AS status,
       CASE WHEN said[2] IS NULL THEN null
            WHEN paper STARTS WITH 'arxiv:' THEN 'https://arxiv.org/abs/' + substring(paper, 6)
            WHEN paper IS NOT NULL THEN 'https://doi.org/' + substring(paper, 4)
            ELSE about.url END AS url
ORDER BY place, criterion;

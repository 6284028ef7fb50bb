// What boxes are at a threshold, as runlog/evaluation/gallery.py says it. An image has its `truth` as [class, is ignored], its
// `predictions` as [class, score or null, place of the partner or null], and `overlaps` as [prediction, truth, IoU]: which
// true boxes predictions without a partner lie on. The threshold changes no partner: those of higher scores are found first.

const scoreOf = ([, score]) => (score === null ? NaN : Number(score));

function verdictOf(prediction, truth, least) {
  const [, , partner] = prediction;
  if (!(scoreOf(prediction) >= least)) return 'below';
  if (partner === null) return 'false_positive';
  return truth[partner][1] ? 'ignored' : 'true_positive';
}

// What is left over in pairs, whatever the classes are: of the highest score first, each the free truth that it overlaps most,
// the last of equal ones.
function pairsLeft(predictions, overlaps, isWrong, isMissed) {
  const taken = new Map();
  const wrong = [...new Set(overlaps.map(([place]) => place))].filter(isWrong);
  for (const place of wrong.sort((a, b) => scoreOf(predictions[b]) - scoreOf(predictions[a]) || a - b)) {
    let best = null;
    for (const [one, other, iou] of overlaps) {
      if (one === place && isMissed(other) && !taken.has(other) && !(iou < best?.iou)) best = {other, iou};
    }
    if (best) taken.set(best.other, place);
  }
  return [...taken].map(([other, place]) => [place, other]);
}

// Gives of each layer, `truth` and `predictions`, {verdict, cell} of each box: `cell` is [true class, predicted class], null for
// none, or null itself where the box does not count.
export function judge({truth = [], predictions = [], overlaps = []}, least) {
  const verdicts = predictions.map((one) => verdictOf(one, truth, least));
  /** @type {string[]} */
  const ofTruth = truth.map(([, isIgnored]) => (isIgnored ? 'ignored' : 'missed'));
  const found = verdicts.flatMap((verdict, place) => (verdict === 'true_positive' ? [[place, predictions[place][2]]] : []));
  for (const [, other] of found) ofTruth[other] = 'true_positive';
  const left = pairsLeft(predictions, overlaps, (place) => verdicts[place] === 'false_positive', (place) => ofTruth[place] === 'missed');
  const [partners, ofOthers] = [new Map(), new Map()];
  for (const [place, other] of [...found, ...left]) {
    partners.set(place, other);
    ofOthers.set(other, place);
  }
  const classAt = (boxes, place) => (place === undefined ? null : boxes[place][0]);
  return {
    truth: ofTruth.map((verdict, place) => ({verdict, cell: verdict === 'ignored' ? null : [truth[place][0], classAt(predictions, ofOthers.get(place))]})),
    predictions: verdicts.map((verdict, place) => {
      const counts = verdict === 'true_positive' || verdict === 'false_positive';
      return {verdict, cell: counts ? [classAt(truth, partners.get(place)), predictions[place][0]] : null};
    }),
  };
}

// How many boxes were found, invented and missed, of judged images.
export function countsOf(judged) {
  const counts = {true_positive: 0, false_positive: 0, missed: 0};
  for (const {truth, predictions} of judged) {
    for (const {verdict} of predictions) if (verdict in counts) counts[verdict] += 1;
    for (const {verdict} of truth) if (verdict === 'missed') counts.missed += 1;
  }
  return counts;
}

function wrongPixels(pixels) {
  const sum = (those) => those.reduce((all, [, , count]) => all + count, 0);
  return sum(pixels.filter(([truth, prediction]) => truth !== prediction)) / sum(pixels);
}

// Of an image: boxes invented, missed, and both; of masks alone, the share of pixels that are wrong.
export function mistakesOf(image, least) {
  if (!image.truth) return {errors: wrongPixels(image.pixels)};
  const {false_positive: fp, missed: fn} = countsOf([judge(image, least)]);
  return {fp, fn, errors: fp + fn};
}

const byId = new WeakMap(); // images → those that have ids, by these

// The same picture among others: by its id, else by its place in the list; undefined where there is none.
export function imageAmong(images, {id = null}, index) {
  if (id === null) return images[index];
  if (!byId.has(images)) byId.set(images, new Map(Object.values(images).map((one) => [one.id, one])));
  return byId.get(images).get(id);
}

// What images are put in order by: what `mistakesOf` gives or, by a name that begins with "worse", how many more there are than of
// the same picture elsewhere; NaN where there is nothing to say.
export function mistakes(name, image, elsewhere, least, leastElsewhere = least) {
  const here = mistakesOf(image, least);
  if (!name.startsWith('worse')) return here[name] ?? NaN;
  return elsewhere ? here.errors - mistakesOf(elsewhere, leastElsewhere).errors : NaN;
}

// Of those that were predicted the found ones, or, with `missed`, of those that are there; NaN where it is not defined.
export function shareOf(found, wrong, others) {
  if (found + wrong) return found / (found + wrong);
  return others ? NaN : 1;
}

// How often each true class was taken for which: by [true class, predicted class] as JSON.
export function confusionOf(judged) {
  const counts = new Map();
  const add = (cell) => counts.set(JSON.stringify(cell), (counts.get(JSON.stringify(cell)) ?? 0) + 1);
  for (const {truth, predictions} of judged) {
    for (const {cell} of predictions) if (cell) add(cell);
    for (const {cell} of truth) if (cell?.[1] === null) add(cell);
  }
  return counts;
}

// Recall and precision at each score there is, the highest first: {score, recall, precision}; nothing where there is no truth.
export function curveOf(images) {
  const ranked = images.flatMap(({truth = [], predictions = []}) => predictions
    .filter((one) => !Number.isNaN(scoreOf(one)) && !(one[2] !== null && truth[one[2]][1]))
    .map((one) => ({score: scoreOf(one), isFound: one[2] !== null})));
  const all = images.reduce((sum, {truth = []}) => sum + truth.filter(([, isIgnored]) => !isIgnored).length, 0);
  if (!all) return [];
  ranked.sort((a, b) => b.score - a.score || 0);
  const points = [];
  let found = 0;
  ranked.forEach(({score, isFound}, n) => {
    found += Number(isFound);
    if (score !== ranked[n + 1]?.score) points.push({score, recall: found / all, precision: found / (n + 1)});
  });
  return points;
}

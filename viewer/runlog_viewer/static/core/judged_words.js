// The verdicts on boxes, and the orders of judged images, as addresses name them and pages call them.

export const verdictWords = {true_positive: 'true positive', false_positive: 'false positive', missed: 'missed'};

export const orderWords = {fp: 'false alarms', fn: 'boxes missed', errors: 'errors', worse: 'got worse since the previous step'};

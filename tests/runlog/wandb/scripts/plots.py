import numpy as np
import wandb

wandb.init(project="plots")
rng = np.random.default_rng(0)
truth = rng.integers(0, 3, 60)
scores = rng.random((60, 3)) + 2 * np.eye(3)[truth]
scores = scores / scores.sum(axis=1, keepdims=True)
names = ["cat", "dog", "owl"]
wandb.log({"confusion": wandb.plot.confusion_matrix(probs=scores, y_true=truth, class_names=names)})
wandb.log({"confusion_2": wandb.plot.confusion_matrix(y_true=truth.tolist(), preds=truth.tolist(), class_names=names, title="right")})
wandb.log({"roc": wandb.plot.roc_curve(truth, scores, labels=names, classes_to_plot=[0, 2])})
wandb.log({"pr": wandb.plot.pr_curve(truth, scores, labels=names, title="PR")})
data = [[x, y] for x, y in zip(range(10), np.cumsum(rng.random(10)))]
table = wandb.Table(data=data, columns=["x", "y"])
wandb.log({"line": wandb.plot.line(table, "x", "y", title="a line"), "scatter": wandb.plot.scatter(table, "x", "y")})
wandb.log({"bar": wandb.plot.bar(wandb.Table(data=[["cat", 3], ["dog", 5]], columns=["label", "value"]), "label", "value", title="bars")})
wandb.log({"histogram": wandb.plot.histogram(table, "y", title="values")})
wandb.log({"series": wandb.plot.line_series(xs=[0, 1, 2], ys=[[1, 2, 3], [3, 2, 1]], keys=["up", "down"], title="two", xname="step")})
wandb.log({"custom": wandb.plot_table("entity/my-chart", table, {"x": "x", "y": "y"}, {"title": "mine"})})
wandb.log({"visual": wandb.visualize("wandb/line/v0", table)})
wandb.plot.line(table, "x", "z")  # error: the fields of a chart must be columns
wandb.plot.confusion_matrix(probs=scores, preds=truth, y_true=truth)  # error: either preds or probs
wandb.plot.roc_curve(truth[:5], scores)  # error: y_probas must be samples × classes
wandb.finish()

"""Loggers for frameworks that take one: Lightning, Transformers, Ultralytics. None is imported here.

>>> from runlog.integrations.lightning import RunlogLogger
>>> trainer = Trainer(logger=RunlogLogger("segmentation", config={"rate": 0.1}))

>>> from runlog.integrations.transformers import RunlogCallback
>>> trainer = Trainer(model, args, callbacks=[RunlogCallback("summaries")])

>>> from runlog.integrations.ultralytics import log_training
>>> log_training(model, "coins")
>>> model.train(data="coins.yaml", epochs=10)
"""

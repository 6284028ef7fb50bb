"""`SummaryWriter`: what takes TensorBoard's writer, logs to a run folder.

>>> from runlog.tensorboard import SummaryWriter  # in place of torch.utils.tensorboard
"""

from runlog.tensorboard.summary_writer import SummaryWriter

__all__ = ["SummaryWriter"]

"""Hugging Face's ``Trainer``, with our own callback."""

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from runlog.integrations.transformers import RunlogCallback

runs = Path("runs").absolute()
torch.manual_seed(0)
config = BertConfig(
    vocab_size=20,
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=8,
    num_labels=2,
)
data = [{"input_ids": [i % 20, (i * 7) % 20, 1], "labels": i % 2} for i in range(16)]
arguments = TrainingArguments(
    output_dir=str(runs.parent / "out"), run_name="tiny", num_train_epochs=2, per_device_train_batch_size=4,
    logging_steps=2, eval_strategy="epoch", save_strategy="no", report_to="none", use_cpu=True,
    disable_tqdm=True,
)  # fmt: skip
trainer = Trainer(
    BertForSequenceClassification(config), arguments, train_dataset=data, eval_dataset=data,
    callbacks=[RunlogCallback("tiny", dir=runs, quiet=True)],
)  # fmt: skip
trainer.train()
trainer.evaluate()

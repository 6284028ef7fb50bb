"""The `Trainer` of Hugging Face, with ``report_to="wandb"``."""

import runlog

runlog.as_wandb()

import os

import torch
import transformers

os.environ.update(
    WANDB_PROJECT="frameworks", WANDB_RUN_ID="transformers", WANDB_WATCH="all", WANDB_LOG_MODEL="end"
)
config = transformers.BertConfig(
    vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
)
model = transformers.BertForSequenceClassification(config)


class Data(torch.utils.data.Dataset):
    """Sixteen sentences of four tokens."""

    def __len__(self):
        return 16

    def __getitem__(self, index):
        return {"input_ids": torch.arange(4) + index, "labels": torch.tensor(index % 2)}


arguments = transformers.TrainingArguments(
    "model", report_to="wandb", num_train_epochs=2, logging_steps=2, eval_strategy="epoch", use_cpu=True,
    per_device_train_batch_size=4, run_name="a bert", save_strategy="no",
)  # fmt: skip
trainer = transformers.Trainer(model, arguments, train_dataset=Data(), eval_dataset=Data())
trainer.train()

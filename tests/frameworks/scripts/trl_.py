"""TRL's `SFTTrainer` and its callback that logs completions, with ``report_to="wandb"``."""

import runlog

runlog.as_wandb()

import os

import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers

os.environ.update(WANDB_PROJECT="frameworks", WANDB_RUN_ID="trl")
words = {word: index for index, word in enumerate(("<pad>", "</s>", "<unk>", "a", "b", "c", "d"))}
tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = transformers.PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
)
model = transformers.GPT2LMHeadModel(
    transformers.GPT2Config(
        vocab_size=len(words), n_embd=8, n_layer=1, n_head=1, n_positions=32, eos_token_id=1
    )
)
data = Dataset.from_dict({"text": ["a b c d", "b c d a"] * 8})
arguments = trl.SFTConfig(
    "model", report_to="wandb", max_steps=4, logging_steps=1, use_cpu=True, per_device_train_batch_size=4,
    bf16=False, save_strategy="no", gradient_checkpointing=False,
)  # fmt: skip
trainer = trl.SFTTrainer(model, arguments, train_dataset=data, processing_class=tokenizer)
trainer.train()

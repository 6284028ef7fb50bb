import wandb

wandb.init(project="llm", config={"model": "tiny", "tokenizer": {"pad_token": "<pad>", "eos_token_id": 2}, "max_tokens": 128})
samples = wandb.Table(columns=["prompt", "completion", "length"])
for step in range(2):
    text = "Once upon a time\n" * (step + 1)
    samples.add_data("Once", text, len(text))
    wandb.log({"train/perplexity": 20.0 - step, "sample": text, "tokens/total": 10**12 + step, "samples": samples}, step=step * 50)
wandb.log({"prompts": ["a", "b"], "logits": [0.1, 0.2, 0.7]}, step=100)
wandb.config.setdefaults({"model": "other", "top_k": 5})
assert wandb.config.model == "tiny" and wandb.config.top_k == 5
assert wandb.config.tokenizer["pad_token"] == "<pad>" and wandb.config["tokenizer"]["eos_token_id"] == 2
wandb.config.nothing  # error: must be one of
wandb.hyperdrive()  # error: docs/coming-from-wandb.md
wandb.run.nothing()  # error: docs/coming-from-wandb.md
wandb.log("text")  # error: log() must get a dict
wandb.log({7: 1})  # error: a key must be a string
wandb.finish(quiet=True)

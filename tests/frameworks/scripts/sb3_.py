"""stable-baselines3, with the callback of ``wandb.integration.sb3``."""

import runlog

runlog.as_wandb()

import wandb
from stable_baselines3 import PPO
from wandb.integration.sb3 import WandbCallback

with wandb.init(project="frameworks", id="sb3", config={"policy": "MlpPolicy"}, monitor_gym=True):
    model = PPO("MlpPolicy", "CartPole-v1", n_steps=64, batch_size=32, n_epochs=1, device="cpu")
    callback = WandbCallback(gradient_save_freq=4, model_save_path="models", verbose=0)
    model.learn(total_timesteps=256, callback=callback)

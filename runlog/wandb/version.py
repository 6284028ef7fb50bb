"""The version of wandb whose names and arguments are here."""

VERSION = "0.31.0+runlog"

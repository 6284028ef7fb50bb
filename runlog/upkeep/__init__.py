"""Run folders put right, made smaller, brought up to date."""

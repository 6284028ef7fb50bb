"""Pictures with their boxes and masks: checked once, then frozen; nothing here touches a run folder."""

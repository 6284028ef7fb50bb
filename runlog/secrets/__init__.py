"""What is secret of what a script gives or a text holds: keys, tokens, passwords."""

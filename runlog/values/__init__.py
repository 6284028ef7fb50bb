"""What a script logs beside pictures and plain numbers, as values that are checked once, then frozen."""

"""From the values of a page to strings."""

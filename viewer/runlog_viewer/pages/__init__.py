"""From records to the values of a page."""

"""Callbacks for libraries that have none of their own; each imports its library when it is imported."""

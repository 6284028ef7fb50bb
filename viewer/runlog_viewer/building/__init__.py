"""From strings to the files of a site, only those that changed."""

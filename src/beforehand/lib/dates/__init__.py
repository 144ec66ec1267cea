"""How days are written, by language: Django asks here for every format that a page names."""

"""Finding conversations: the search language, what its operators mean to the record, and the full text."""

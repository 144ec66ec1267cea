"""Small topic modules that every room may use. A module here imports no room."""

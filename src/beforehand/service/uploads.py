"""Files that a form takes, as many as one chooses."""

from typing import Any

from django import forms


class Uploads(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, uploaded: Any, name: str) -> Any:
        return uploaded.getlist(name)

"""Parts of addresses: `<key:pk>` is the number of a row. One that no database could hold is no such page."""

from django.urls import register_converter


class Key:
    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Key, "key")

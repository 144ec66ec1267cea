"""How much and how often: everything that comes from a page of somebody else's has a bound."""

from django.conf import settings

from beforehand.lib.rate import Rate

LONGEST_TEXT = 10_000
MOST_FILES = 5
LARGEST_FILE = 10 << 20
LARGEST_BODY = 64 << 10
LONGEST_URL = 500

MESSAGES = Rate(12, 30)
FILES = Rate(10, 10)
SIGNS = Rate(20, 60)
LOOKS = Rate(60, 240)
NEWCOMERS = Rate(20, 20)
FORMS = Rate(5, 3)


def of_address() -> Rate | None:
    """What one address may say in all; offices share one. None where the settings name no bound."""
    per_minute = settings.CHAT_PER_ADDRESS
    return Rate(max(60, per_minute), per_minute) if per_minute else None

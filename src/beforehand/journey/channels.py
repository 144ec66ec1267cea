"""What channels are called. A touchpoint may name any; those that everybody has are said in the reader's language."""

from django.utils.translation import gettext_lazy as _

CHANNELS = {
    "email": _("e-mail"),
    "chat": _("chat"),
    "form": _("web form"),
    "api": _("API"),
    "phone": _("phone"),
    "sms": _("text message"),
    "social": _("social media"),
    "web": _("web"),
    "app": _("app"),
    "store": _("store"),
}


def channel_word(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))

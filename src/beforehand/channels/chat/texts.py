"""What the widget says, in the language of the page: the same catalogue of translations as everything else."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from beforehand.channels.models import ChatWidget


def language_for(widget: ChatWidget, asked: str) -> str:
    """The page's language if the widget speaks it, or its base (de for de-AT), else the widget's first one."""
    spoken = [code for code, _name in settings.LANGUAGES if not widget.languages or code in widget.languages]
    wanted = asked.strip().lower().replace("_", "-")[:20]
    for code in (wanted, wanted.partition("-")[0]):
        if code in spoken:
            return code
    return next(iter(widget.languages or spoken), settings.LANGUAGE_CODE)


def greeting_of(widget: ChatWidget, language: str) -> str:
    return str(widget.greeting.get(language) or widget.greeting.get("") or _("Hello! What can we do for you?"))


def direction_of(language: str) -> str:
    return "rtl" if translation.get_language_info(language)["bidi"] else "ltr"


def texts() -> dict[str, str]:
    """All words of the widget in the active language. What stands in {} is put in there by the browser."""
    return {
        "open": _("Write to us"),
        "close": _("Close"),
        "dialog": _("Help from {company}"),
        "messages": _("Messages"),
        "write": _("Write a message"),
        "write_to": _("Write to {name}"),
        "send": _("Send"),
        "attach": _("Attach a file"),
        "remove": _("Remove {name}"),
        "start": _("Start"),
        "before": _("Before we begin"),
        "needed": _("Please fill in “{label}”."),
        "optional": _("optional"),
        "you": _("You"),
        "us": _("We"),
        "sending": _("being sent"),
        "sent": _("sent"),
        "read": _("read"),
        "by_email": _("by e-mail"),
        "by_form": _("by the form"),
        "unsent": _("Not sent yet. It is sent as soon as the connection is back."),
        "refused": _("Not sent: {why}"),
        "again": _("Try again"),
        "offline": _("No connection. You can go on writing; we try again by ourselves."),
        "slow": _("The connection is slow. We go on trying."),
        "back": _("Connected again."),
        "typing": _("{name} is writing"),
        "bot": _("An automatic answer"),
        "person": _("Talk to a person"),
        "person_comes": _("A person takes over."),
        "here": _("We are here now"),
        "closed": _("Closed now, open again {time}"),
        "closed_now": _("Closed now"),
        "next": _("What happens next"),
        "if_now": _("If you write now, we answer by {time}."),
        "answer_by": _("We answer by {time}."),
        "answer_late": _("We are later than we said. You are still in the queue, and nothing is lost."),
        "answer_soon": _("We answer as soon as we can."),
        "ball_us": _("The ball is with us. You need not do anything."),
        "ball_you": _("The ball is with you: we wait for your answer."),
        "ball_done": _("This is done. Write again at any time."),
        "asked": _("Is it solved?"),
        "stay": _("You can close this page: the answer waits here."),
        "solved": _("Solved"),
        "not_solved": _("Not solved"),
        "was_solved": _("Marked as solved."),
        "was_opened": _("Open again. We look at it."),
        "sound_on": _("Turn the sound on"),
        "sound_off": _("Turn the sound off"),
        "unread": _("{count} new"),
        "too_long": _("A message may have {count} characters. Please make it shorter or send a file."),
        "too_large": _("“{name}” is too large: a file may have {size} MB."),
        "too_many": _("No more than {count} files at once."),
        "off": _("The chat is switched off just now."),
        "mail_too": _("Your e-mails are here too"),
    }

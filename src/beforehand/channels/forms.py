"""What members type about mailboxes, quarantine and what leaves."""

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from beforehand.channels.email.provider import PROVIDERS
from beforehand.channels.models import Mailbox
from beforehand.team.models import AuditEntry, Member

KEPT = _("Empty keeps what is there.")


class LinesField(forms.CharField):
    """Several values, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), max_length=4000, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: str | None) -> list[str]:
        text: str = super().clean(value)
        return list(dict.fromkeys(text.replace(",", " ").split()))[:50]


def secret(label: Any, help_text: Any = "") -> forms.CharField:
    """Typed once, never shown again."""
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.PasswordInput(attrs=attributes)
    return forms.CharField(label=label, required=False, max_length=4000, strip=True, widget=widget, help_text=help_text)


NEEDED = {Mailbox.Way.SMTP: ("imap_host", "smtp_host", "user"), Mailbox.Way.PROVIDER: ("provider",)}
"""What each way of sending cannot do without."""


class MailboxForm(forms.ModelForm[Mailbox]):
    """A mailbox with its access. Secrets go in and never come out."""

    aliases = LinesField(
        label=_("Also ours"), required=False, help_text=_("Other addresses that end up here, one a line.")
    )
    trusted_servers = LinesField(
        label=_("Servers whose word on senders counts"),
        required=False,
        help_text=_(
            "The name that your mail server writes at the beginning of its Authentication-Results, such as"
            " mx.example.org. Without one no sender counts as proven."
        ),
    )
    password = secret(_("Password"), KEPT)
    client_id = forms.CharField(label=_("Client id"), required=False, max_length=400)
    client_secret = secret(_("Client secret"), KEPT)
    refresh_token = secret(_("Refresh token"), KEPT)
    token_url = forms.URLField(
        label=_("Address for tokens"),
        required=False,
        assume_scheme="https",
        help_text=_("Google: https://oauth2.googleapis.com/token"),
    )
    scope = forms.CharField(label=_("Scope"), required=False, max_length=400)
    provider = forms.ChoiceField(
        label=_("Provider"), required=False, choices=[(key, one.title) for key, one in PROVIDERS.items()]
    )
    key = secret(_("Key of its interface"), KEPT)
    second_key = secret(_("Second key"), _("Only Mailjet has one. Empty keeps what is there."))
    signing_key = secret(_("Key that signs its calls"), _("Where the provider has one. Empty keeps what is there."))
    sender_domain = forms.CharField(
        label=_("Sending domain"), required=False, max_length=200, help_text=_("Mailgun only.")
    )
    plus = forms.BooleanField(
        label=_("Mail to address+anything arrives here too"),
        required=False,
        initial=True,
        help_text=_("Answers then find their conversation by a signed address. Untick it if your server refuses them."),
    )

    own_page = forms.BooleanField(
        label=_("Every answer names the customer's own page"),
        required=False,
        help_text=_(
            "A link under your answers to a page with the conversation, who answers next and by when. It goes only"
            " where the customer alone gets the answer, and needs BEFOREHAND_URL."
        ),
    )

    class Meta:
        model = Mailbox
        fields = (
            "address", "name", "team", "aliases", "way", "provider", "imap_host", "imap_port", "imap_security",
            "folder", "smtp_host", "smtp_port", "smtp_security", "user", "proof", "signature", "acknowledgement",
            "trusted_servers",
        )  # fmt: skip
        widgets = {
            "way": forms.RadioSelect,
            "proof": forms.RadioSelect,
            "signature": forms.Textarea(attrs={"rows": 3}),
            "acknowledgement": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"imap_security": _("IMAP encryption"), "smtp_security": _("SMTP encryption")}
        help_texts = {
            "signature": _("Under every answer; {member} becomes the name of who wrote it."),
            "acknowledgement": _(
                "Sent once a day at most to whoever begins a conversation. Empty: none. Machines never get one."
            ),
            "user": _("Often the address itself."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].empty_label = _("no team")  # type: ignore[attr-defined]
        facts = self.instance.settings
        self.fields["plus"].initial = facts.get("plus", True)
        self.fields["own_page"].initial = facts.get("own_page", False)
        self.fields["sender_domain"].initial = facts.get("sender_domain", "")
        for name in ("token_url", "client_id", "scope"):
            self.fields[name].initial = facts.get(name, "")

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip().lower()

    def clean_aliases(self) -> list[str]:
        for alias in self.cleaned_data["aliases"]:
            validate_email(alias)
        return [alias.lower() for alias in self.cleaned_data["aliases"]]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in NEEDED.get(values.get("way", ""), ()):
            if not values.get(name):
                self.add_error(name, _("This is needed."))
        if values.get("way") == Mailbox.Way.SMTP and values.get("proof") == Mailbox.Proof.OAUTH:
            for name in ("token_url", "client_id"):
                if not values.get(name):
                    self.add_error(name, _("This is needed."))
        return values

    def keep(self, by: Member) -> Mailbox:
        """Save it. A new one only watches."""
        mailbox = self.save(commit=False)
        verb = "changed" if mailbox.pk else "added"
        values = self.cleaned_data
        facts = ("sender_domain", "token_url", "client_id", "scope", "plus", "own_page")
        mailbox.settings = mailbox.settings | {name: values[name] for name in facts}
        if access := self._secrets():
            known = mailbox.opened() if mailbox.secret else {}
            mailbox.keep_secret({name: value for name, value in known.items() if name != "expires"} | access)
        if "imap_host" in self.changed_data or "user" in self.changed_data or "folder" in self.changed_data:
            mailbox.uid_validity, mailbox.uid_through = 0, 0
        mailbox.trouble = ""
        mailbox.save()
        AuditEntry.note(verb, f"mailbox {mailbox.address}", by, fields=sorted(set(self.changed_data) - {"password"}))
        return mailbox

    def _secrets(self) -> dict[str, str]:
        """What was typed, under the names that the servers and the provider know it by."""
        values = self.cleaned_data
        provider = PROVIDERS.get(values.get("provider") or "")
        named = {name: values[name] for name in ("password", "client_secret", "refresh_token")}
        named |= {"client_id": values["client_id"], "token_url": values["token_url"], "scope": values["scope"]}
        if provider and values["way"] == Mailbox.Way.PROVIDER:
            named |= dict(zip(provider.keys, (values["key"], values["second_key"]), strict=False))
            named |= dict.fromkeys(provider.signing, values["signing_key"])
        return {name: value for name, value in named.items() if value}


class PlaceForm(forms.Form):
    """Where a mail goes by a member's word."""

    conversation = forms.IntegerField(
        label=_("Conversation"),
        required=False,
        min_value=1,
        max_value=2**53,
        help_text=_("Its number. Empty opens a new one."),
    )


class BlockForm(forms.Form):
    address = forms.CharField(
        label=_("Address"), max_length=320, help_text=_("ada@example.org, or @example.org for all of it.")
    )


class BrakeForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("Everybody who cannot send reads this."))

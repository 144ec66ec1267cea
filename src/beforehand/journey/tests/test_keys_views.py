import pytest
from django.urls import reverse

from beforehand.journey.keys import identity_secret
from beforehand.journey.models import Source, WriteKey

pytestmark = pytest.mark.django_db
NEW = {"name": "Web shop", "kind": "server", "origins": "", "per_second": ""}


@pytest.fixture
def owner(client, ada):
    client.force_login(ada)
    return client


@pytest.mark.parametrize("name", ["keys", "key", "revocation", "identity_secret"])
def test_only_owners_come_in(client, ben, name):
    key, _ = WriteKey.create("Shop", "server")
    url = reverse(f"journey:{name}", args=[key.pk] if name in {"key", "revocation"} else [])
    assert client.post(url).status_code == 302
    client.force_login(ben)
    assert client.get(url).status_code in {403, 405} and client.post(url).status_code == 403
    assert WriteKey.objects.get().revoked is None


def test_without_keys_the_page_says_what_to_do(owner):
    assert "Nothing may send yet" in owner.get(reverse("journey:keys")).content.decode()


def test_a_servers_key_is_shown_once_and_with_the_lines_that_use_it(owner, ada):
    page = owner.post(reverse("journey:keys"), NEW)
    assert page.status_code == 201 and page["Cache-Control"] == "no-store"
    text = page.context["key_text"]
    assert page.content.decode().count(text) >= 4
    assert text not in owner.get(reverse("journey:keys")).content.decode()
    assert text not in owner.get(reverse("journey:key", args=[page.context["fresh"].pk])).content.decode()
    assert WriteKey.objects.get().created_by == ada


def test_a_browsers_key_stays_visible_with_its_snippet(owner):
    owner.post(reverse("journey:keys"), NEW | {"kind": "browser", "origins": "https://a.example\nhttps://b.example/"})
    key = WriteKey.objects.get()
    assert key.origins == ["https://a.example", "https://b.example"]
    page = owner.get(reverse("journey:key", args=[key.pk])).content.decode()
    assert f'data-key="{key.hint}"' in page.replace("&quot;", '"')


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"kind": "import"}, "Select a valid choice"),
        ({"origins": "shop.example"}, "is no site"),
        ({"per_second": "0"}, "greater than or equal to 1"),
        ({"name": "Old imports"}, "another kind"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(owner, wrong, words):
    Source.objects.create(name="Old imports", kind="import")
    page = owner.post(reverse("journey:keys"), NEW | wrong)
    assert page.status_code == 422 and words in page.content.decode()
    assert not WriteKey.objects.exists()


def test_limits_can_be_changed(owner):
    key, _ = WriteKey.create("Site", "browser")
    url = reverse("journey:key", args=[key.pk])
    assert owner.post(url, {"origins": "https://a.example", "per_second": "50"}).status_code == 302
    key.refresh_from_db()
    assert (key.origins, key.per_second) == (["https://a.example"], 50)
    assert owner.post(url, {"origins": "rubbish"}).status_code == 422


def test_a_key_is_revoked_by_somebody(owner, ada):
    key, _ = WriteKey.create("Shop", "server")
    owner.post(reverse("journey:revocation", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked and key.revoked_by == ada
    assert "1 revoked key" in owner.get(reverse("journey:keys")).content.decode()


def test_the_identity_secret_is_shown_when_asked_for(owner):
    assert identity_secret() not in owner.get(reverse("journey:keys")).content.decode()
    answer = owner.post(reverse("journey:identity_secret"))
    assert identity_secret() in answer.content.decode() and answer["Cache-Control"] == "no-store"


def test_a_source_name_is_escaped(owner):
    WriteKey.create("<script>alert(1)</script>", "server")
    assert "<script>alert" not in owner.get(reverse("journey:keys")).content.decode()

"""Getting in: log-in, invitation, log-out."""

from playwright.sync_api import expect

from conftest import PASSWORD


def test_a_wrong_password_is_explained_and_the_right_one_lets_in(open_window, ada):
    page = open_window()
    page.goto("/settings/profile")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("wrong wrong wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")


def test_an_invitation_from_one_window_lets_somebody_in_at_another(open_window, page):
    page.goto("/settings/members")
    page.get_by_label("Name", exact=True).fill("Cy Aydin")
    page.get_by_label("E-mail").fill("cy@example.com")
    page.get_by_label("Role", exact=True).select_option("manager")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link", exact=True).input_value()
    page.reload()
    expect(page.get_by_label("Link", exact=True)).to_have_count(0)

    other = open_window()
    other.goto(link)
    other.get_by_label("Password").fill("a lantern in fog")
    other.get_by_label("The same again").fill("a lantern in fog")
    other.get_by_role("button", name="Go in").click()
    other.goto("/settings/profile")
    expect(other.get_by_label("Name")).to_have_value("Cy Aydin")


def test_a_role_changes_as_soon_as_it_is_chosen(page, ben):
    page.goto("/settings/members")
    page.get_by_label("Role of Ben Haddad").select_option("manager")
    expect(page.locator(".toast")).to_contain_text("Ben Haddad has another role now")
    ben.refresh_from_db()
    assert ben.role == "manager"


def test_closing_an_account_asks_first(page, ben):
    page.goto("/settings/members")
    row = page.locator(f"#member-{ben.pk}")
    page.once("dialog", lambda dialog: dialog.dismiss())
    row.get_by_role("button", name="Close").click()
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Close").click()
    expect(row.get_by_role("button", name="Open again")).to_be_visible()

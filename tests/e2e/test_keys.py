"""Everything that hands on a keyboard can do."""

from playwright.sync_api import expect

from beforehand.team.models import AuditEntry


def test_the_palette_opens_finds_and_goes(page):
    page.goto("/settings")
    page.keyboard.press("Control+k")
    palette = page.locator("#palette")
    expect(palette.get_by_role("option", name="Members")).to_be_visible()
    page.keyboard.type("audi")
    expect(palette.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")


def test_arrows_choose_and_the_choice_is_told_to_a_screen_reader(page):
    page.goto("/settings")
    page.keyboard.press("Control+k")
    field = page.locator("#palette input")
    expect(page.locator("#palette .on")).to_have_count(1)
    first = field.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = field.get_attribute("aria-activedescendant")
    assert first and second and first != second
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") == first


def test_escape_closes_the_palette_and_gives_the_focus_back(page):
    page.goto("/settings")
    page.get_by_role("button", name="Find or do").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.get_by_role("button", name="Find or do").first).to_be_focused()


def test_a_word_that_fits_nothing_is_answered_in_words(page):
    page.goto("/settings")
    page.keyboard.press("Control+k")
    page.keyboard.type("<b>zzz")
    expect(page.locator("#palette .empty")).to_contain_text("Nothing fits “<b>zzz”")


def test_the_palette_is_a_page_without_script(open_window, ada):
    page = open_window(ada, java_script_enabled=False)
    page.goto("/palette?q=memb")
    page.get_by_role("option", name="Members", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Members")


def test_g_and_a_letter_go_somewhere_but_not_while_typing(page):
    page.goto("/settings/profile")
    page.get_by_label("Name").focus()
    page.keyboard.type("gs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    page.keyboard.press("Escape")
    page.keyboard.type("gs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


def test_a_question_mark_shows_the_keys(page):
    page.goto("/settings")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("To the search field")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_slash_goes_to_the_search_field_and_typing_narrows_the_list(page, ada):
    AuditEntry.note("invited", "cy@example.com", ada)
    AuditEntry.note("invited", "dee@example.com", ada)
    page.goto("/settings/audit")
    page.keyboard.press("/")
    page.keyboard.type("dee")
    expect(page.locator("#audit tbody tr")).to_have_count(1)
    assert "q=dee" in page.url


def test_j_and_k_walk_a_list(page):
    page.goto("/settings/members")
    page.evaluate("""() => {
        const list = document.createElement("ul")
        list.dataset.list = ""
        list.innerHTML = '<li><a href="#one">one</a></li><li><a href="#two">two</a></li>'
        document.querySelector("main").prepend(list)
    }""")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="two")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    assert page.url.endswith("#one")


def test_the_theme_stays_as_it_was_chosen(page):
    page.goto("/settings")
    page.get_by_role("button", name="Light or dark").first.click()
    page.goto("/settings/profile")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).color") != "rgb(26, 24, 32)"


def test_the_first_tab_skips_to_the_page(page):
    page.goto("/settings")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

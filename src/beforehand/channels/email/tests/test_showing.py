"""HTML is shown without harm, and what is new in a text stands apart from what it quotes."""

import re
import time

import pytest

from beforehand.channels.email.cleaning import clean
from beforehand.channels.email.quoting import split


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<a href="java&#10;script:alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
        "<svg/onload=alert(1)>",
        '<iframe src="https://x.example"></iframe>',
        '<p style="background:url(https://x.example/a)">x</p>',
        '<p style="color:red;position:fixed">x</p>',
        '<table background="https://x.example/a"><tr><td>x</table>',
        '<link rel=stylesheet href="https://x.example/a"><meta http-equiv=refresh content="0;url=https://x.example">',
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        '<form action="https://x.example"><input name=a><button>x</button></form>',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        '<base href="https://x.example/"><img srcset="https://x.example/a 2x">',
        "<style>@import 'https://x.example/a';</style>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(source):
    shown = re.sub(r'title="[^"]*"', "", clean(source, {}).html.lower())
    for bad in (
        "script",
        "onerror",
        "onload",
        "<iframe",
        "url(",
        "<link",
        "<meta",
        "<form",
        "position",
        "svg",
        " src=",
        "srcset",
        "@import",
        "background=",
        "<base",
    ):
        assert bad not in shown, shown


def test_remote_images_wait_pixels_go_and_small_pictures_stay():
    shown = clean(
        '<img src="https://x.example/a.png"><img src=//x.example/p width=1><img src="data:image/png;base64,AAAA">', {}
    )
    assert 'data-remote="https://x.example/a.png"' in shown.html and 'src="data:image/png;base64,AAAA"' in shown.html
    assert (shown.remote, shown.pixels) == (2, 1) and "x.example/p" not in shown.html


def test_five_thousand_links_are_shown():
    shown = clean('<a href="https://x.example/1">x</a> ' * 5000, {})
    assert shown.html.count("<a ") == 5000 and shown.links == ("https://x.example/1",)


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 200_000,
        "&" * 1_000_000,
        "<p><b>".join(map(str, range(50_000))),
        "".join(f"<b title={n}><p>" for n in range(30_000)),
        "<div><marquee></div></marquee>" * 30_000,
        "<table><b>x" * 50_000,
        "<!--" * 250_000,
        '<a "' * 250_000,
        '<a ="' * 200_000,
        "<style>" * 100_000,
        "<" * 1_000_000,
    ],
)
def test_no_markup_costs_more_than_a_few_seconds(source):
    started = time.process_time()
    clean(source, {})
    assert time.process_time() - started < 6


def test_the_words_of_html_have_lines_lists_and_quotes():
    words = clean("<ul><li>a<li>b</ul><p>c<br>d</p><blockquote>e</blockquote>f", {}).text
    assert words.split("\n") == ["- a", "- b", "c", "d", "", "> e", "f"]


def test_html_that_only_quotes_behind_the_answer_is_folded_and_one_between_is_not():
    folded = clean('Yes<div class="gmail_quote">On Monday:<blockquote>Can you?</blockquote></div>', {})
    assert folded.reply == "Yes" and "Can you?" in folded.html
    between = clean('<blockquote type="cite">Can you?</blockquote>Yes', {})
    assert between.reply == between.html


@pytest.mark.parametrize(
    ("whole", "reply", "signature"),
    [
        ("Yes\n\nOn Mon, 2 Mar 2026, Al wrote:\n> Can you?\n", "Yes", ""),
        ("Yes\n\nOn Mon, 2 Mar 2026 at 10:00 Al Someone\n<al@us.example> wrote:\n\n> Can you?", "Yes", ""),
        ("Ja\n\nAm 2. März 2026 um 10:00 schrieb Al <al@us.example>:\n\n> Geht das?\n", "Ja", ""),
        ("Oui\n\nLe lun. 2 mars 2026 à 10:00, Al <al@us.example> a écrit :\n> Et ?\n", "Oui", ""),
        ("Ja\n\nVon: Al\nGesendet: Montag\nAn: Ada\nBetreff: Frage\n\nGeht das?", "Ja", ""),
        ("Yes\n\n-----Original Message-----\nFrom: Al\n\nCan you?", "Yes", ""),
        ("Yes\n\n-- \nAda\nLondon", "Yes", "-- \nAda\nLondon"),
        ("Bitte anrufen.\n\nMit freundlichen Grüßen\nAda", "Bitte anrufen.", "Mit freundlichen Grüßen\nAda"),
        ("Yes\n\nSent from my iPhone", "Yes", "Sent from my iPhone"),
        ("- one\n- two\nbye", "- one\n- two\nbye", ""),
        ("> Can you?\nYes\n> And now?\nNo", "> Can you?\nYes\n> And now?\nNo", ""),
        ("The log wrote:\nline 3", "The log wrote:\nline 3", ""),
    ],
)
def test_what_is_new_stands_apart(whole, reply, signature):
    parts = split(whole)
    assert (parts.reply, parts.signature) == (reply, signature)
    assert not set(whole.split()) - set(f"{parts.reply} {parts.quoted} {parts.signature}".split())


@pytest.mark.parametrize(
    "line", ["On " * 100_000, "On 1 x\n" * 9_000, "> a\nb\n" * 9_000, "\n" * 100_000, "From: a\n" * 9_000]
)
def test_no_text_takes_long_to_split(line):
    started = time.process_time()
    split(line)
    assert time.process_time() - started < 3

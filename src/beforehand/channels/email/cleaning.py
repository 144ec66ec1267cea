"""HTML made safe to show: no script, nothing fetched from outside, the mail's own images in their places."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import nh3

from beforehand.channels.email import limits
from beforehand.channels.email.markup import KEPT, Even, even

_ALLOWED = {
    "*": {"align", "valign", "bgcolor", "width", "height", "dir", "lang", "title", "style"},
    "a": {"href"},
    "img": {"src", "alt", "data-remote", "data-attachment"},
    "font": {"color", "size", "face"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "table": {"cellpadding", "cellspacing", "border"},
    "ol": {"start", "type"},
}
_STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-family", "font-size",
    "text-align", "text-decoration", "line-height", "vertical-align", "white-space", "padding", "padding-left",
    "padding-right", "padding-top",
    "padding-bottom", "border", "border-top", "border-bottom", "border-left", "border-right", "border-collapse",
}  # fmt: skip
_TAGS = KEPT - {"form", "fieldset"}
_RASTER = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_FETCHES = re.compile(r"url\s*\(|expression|@import|\\|image-set|element\s*\(", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_MARK = re.compile(r'data-image="(\d+)"')


class Cleaned(NamedTuple):
    html: str
    reply: str
    text: str
    links: tuple[str, ...]
    remote: int
    pixels: int
    shown: frozenset[int]
    too_deep: bool


def clean(source: str, images: Mapping[str, int]) -> Cleaned:
    """HTML safe to show, its words, and what it would have fetched.

    `images`: place of an attachment by Content-ID and by Content-Location. `shown`: the places that the HTML shows.
    A remote image becomes `data-remote`, one of the mail `data-attachment`, a tracking pixel goes.
    """
    read = even(source)
    remote = pixels = 0
    shown: set[int] = set()
    replaced: list[str] = []
    for image in read.images:
        src = image.get("src", "").strip()
        place = images.get(_reference(src), -1)
        if place >= 0:
            shown.add(place)
            replaced.append(f'data-attachment="{place}"')
        elif _REMOTE.match(src):
            remote += 1
            tiny = _tiny(image)
            pixels += tiny
            replaced.append("" if tiny else f'data-remote="{nh3.clean_text(src)}"')
        elif len(src) <= limits.MOST_PIXELS_OF_DATA and _RASTER.fullmatch(src):
            replaced.append(f'src="{src}"')
        else:
            replaced.append("")
    whole = _safe(_placed(read.whole(), replaced))
    reply = _safe(_placed(read.reply(), replaced)) if read.cut is not None else ""
    return Cleaned(whole, reply or whole, read.words(), _links(read), remote, pixels, frozenset(shown), read.too_deep)


def _reference(src: str) -> str:
    return src[4:].strip().strip("<>") if src[:4].lower() == "cid:" else src


def _placed(text: str, replaced: list[str]) -> str:
    return _MARK.sub(lambda found: replaced[int(found[1])] if int(found[1]) < len(replaced) else "", text)


def _tiny(image: Mapping[str, str]) -> bool:
    sizes = [image.get(side, "").strip().removesuffix("px") for side in ("width", "height")]
    style = image.get("style", "").replace(" ", "").lower()
    hidden = "display:none" in style or re.search(r"(?:width|height):[01](?:px)?(?:;|$)", style) is not None
    return hidden or any(size in {"0", "1"} for size in sizes)


def _links(read: Even) -> tuple[str, ...]:
    web = (
        link.strip()[:2000]
        for link in read.links[: limits.MOST_LINKS]
        if re.match(r"\s*(?:https?:|mailto:|tel:)", link, re.IGNORECASE)
    )
    return tuple(dict.fromkeys(web))


def _safe(text: str) -> str:
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ALLOWED,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        url_relative="deny",
        filter_style_properties=_STYLES,
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What no list of names can say: a style that fetches, a `data:` that is no picture, a `src` that is no `data:`."""
    if name == "style":
        return None if _FETCHES.search(value) else value
    if name == "src":
        return value if _RASTER.fullmatch(value) else None
    if name == "href":
        return None if value.strip().lower().startswith("data:") else value
    return value

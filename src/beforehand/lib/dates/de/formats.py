"""How days are written in German: “14. Nov. 2026” where a template asks for `j M Y`.

Django looks up every format that a template names among the names of this module before it takes it as it stands.
"""

WRITTEN = {
    "j M": "j. N",
    "j M Y": "j. N Y",
    "M Y": "N Y",
    "j M, H:i": "j. N, H:i",
    "j M, H:i:s": "j. N, H:i:s",
    "j M Y, H:i": "j. N Y, H:i",
    "j M Y, H:i:s": "j. N Y, H:i:s",
    "D j M, H:i": "D, j. N, H:i",
    "D j M Y H:i": "D, j. N Y, H:i",
    "j F": "j. F",
    "j F Y": "j. F Y",
    "j F, H:i": "j. F, H:i",
    "j F Y, H:i": "j. F Y, H:i",
    "l j F, H:i": "l, j. F, H:i",
    "l, j F Y, H:i:s": "l, j. F Y, H:i:s",
}
globals().update(WRITTEN)

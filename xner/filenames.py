"""Names that become a file or folder: none leads out of the folder that it is put into.

Names come from settings, from files that someone else wrote and from plugins; `..`, an absolute path or a separator in
one of them would lead elsewhere. Windows has a few names that are devices in any folder.
"""

import re

_ELSEWHERE = re.compile(r"[/\\\x00-\x1f\x7f]|^[A-Za-z]:")
"""What makes a name a path: separators of any system, a drive, and characters that end or hide a name."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
_BYTES = 255
"""How long a name may be on the usual file systems."""


def escape(name: str) -> str:
    """Return why a name would lead out of the folder that it is put into; "" if it stays there.

    Args:
        name: of one file or folder, such as a language; no path.
    """
    if not name or name in (".", ".."):
        return "it names no file in a folder, but the folder itself or the one above" if name else "it is empty"
    if found := _ELSEWHERE.search(name):
        return f"{found[0]!r} makes it a path" if found[0].isprintable() else f"it has {found[0]!r} in it"
    return ""


def unfit(name: str) -> str:
    """Return why no file or folder should be called so, here or on another system; "" if it may.

    Args:
        name: of one file or folder that is to be made.
    """
    if reason := escape(name):
        return reason
    if _DEVICES.fullmatch(name):
        return f"{name!r} is a device of Windows in every folder"
    if name[-1] in ". ":
        return f"Windows takes {name[-1]!r} off its end"
    if (size := len(name.encode("utf-8", "surrogatepass"))) > _BYTES:
        return f"it has {size} bytes, and file systems take {_BYTES}"
    return ""

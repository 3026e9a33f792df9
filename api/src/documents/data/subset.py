"""Cut the font that documents are printed with out of Noto Sans CJK.

Usage: subset.py NotoSansCJK-Regular.ttc NotoSansCJKsc-Subset.otf
"""

import sys

from fontTools.subset import main as subset
from fontTools.ttLib import TTCollection

SIMPLIFIED_CHINESE = 2

# Characters of the Table of General Standard Chinese Characters (2013) that GBK lacks, and others that
# stand in names of people and places.
NAMES = (
    "㑇㑊㑳㕮㘎㙍㙘㙦㛂㛃㛚㛹㟃㠇㠓㤘㥄㥮㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㳠㴔㵐㶲㸆㸌㺄㻬㽏㿠"
    "䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䨱䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌"
)

RANGES = [
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x017F),  # what Western European names are written with
    (0x2010, 0x2026),  # dashes, quotation marks, dots
    (0x4E00, 0x9FFF),  # every unified ideograph of the first block
    (0x2A700, 0x2EBEF),  # those of extensions C to F that the font has
    (0x30000, 0x3134F),  # and of G
]


def gbk():
    pairs = (bytes([high, low]) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF))
    return set("".join(pair.decode("gbk", "ignore") for pair in pairs))


def main(source, target):
    has = TTCollection(source, lazy=True).fonts[SIMPLIFIED_CHINESE].getBestCmap()
    wanted = gbk() | set(NAMES) | {chr(c) for first, last in RANGES for c in range(first, last + 1)}
    codes = ",".join(f"{ord(c):X}" for c in sorted(wanted) if ord(c) in has)
    subset(
        [
            source,
            f"--font-number={SIMPLIFIED_CHINESE}",
            f"--unicodes={codes}",
            f"--output-file={target}",
            "--no-hinting",
            "--desubroutinize",
            "--layout-features=",
            "--drop-tables+=BASE,GPOS,GSUB,VORG,vhea,vmtx",
            "--name-IDs=0,1,2,3,4,5,6,13,14",
            "--notdef-outline",
            "--no-recalc-timestamp",
        ]
    )


main(*sys.argv[1:])

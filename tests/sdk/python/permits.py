"""A permit in the hand, the list of keys and a status list under `cwt`, a library for RFC 8392."""

import urllib.request
import zlib

import base45
import cbor2
import cwt
from cwt import COSE, COSEKey

from checks import BASE, FACTS, check, equal, refused

ID, KIND, STATUS_INDEX, FACE = 7, -65537, -65538, -65539
SUBJECT, STATUS_LIST, TTL = 2, 65533, 65534


def fetched(path):
    with urllib.request.urlopen(BASE + path, timeout=10) as answer:
        return answer.read(), answer.headers["content-type"]


def key(kid, public):
    """An Ed25519 key that signs as RFC 9053 says."""
    return COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public})


def flipped(token, at):
    spoiled = bytearray(token)
    spoiled[at] ^= 1
    return bytes(spoiled)


token = base45.b45decode(FACTS["permit"].removeprefix("TX1:"))

with check("the root key signed the list of keys"):
    root = key(*(bytes.fromhex(FACTS["root"][part]) for part in ("kid", "key")))
    listed = cbor2.loads(COSE.new().decode(fetched("/v1/keys")[0], root))
    keys = {purpose: [] for purpose in ("code", "permit", "receipt", "status", "log")}
    for entry in listed[5]:
        if entry[7] != 2:
            keys[entry[2]].append(key(entry[1], entry[4]))

with check("a key for permits signed the permit, and its days run"):
    claims = cwt.decode(token, keys["permit"])
    equal(claims[KIND], 3)
    equal(len(claims[ID]), 16)
    equal(claims[FACE], {1: "张*明", 2: "0019", 3: "浦江商贸", 4: FACTS["number"]})

with check("a flipped byte fails, in what is said as in the signature"):
    for at in (len(token) // 2, len(token) - 1):
        with refused(cwt.VerifyError):
            cwt.decode(flipped(token, at), keys["permit"])

with check("keys for codes, receipts and status lists sign no permit"):
    for purpose in ("code", "receipt", "status", "log"):
        try:
            cwt.decode(token, keys[purpose])
        except (ValueError, cwt.CWTError):
            continue
        raise AssertionError(f"a key for {purpose} verified it")

with check("a key for status lists signed the list that the permit is in"):
    number, place = claims[STATUS_INDEX] >> 20, claims[STATUS_INDEX] & 0xFFFFF
    path = f"/v1/status-lists/work/{number}"
    document, content_type = fetched(path)
    equal(content_type, "application/statuslist+cwt")
    statuses = cwt.decode(document, keys["status"])
    equal(statuses[SUBJECT][-len(path):], path)
    equal(statuses[TTL], 300)
    protected, _, _ = COSE.new().decode_with_headers(document, keys["status"])
    equal(protected[16], "application/statuslist+cwt")

with check("its place says how it stands"):
    held = statuses[STATUS_LIST]
    equal(held["bits"], 2)
    places = zlib.decompress(held["lst"])
    equal(places[place // 4] >> place % 4 * 2 & 0b11, FACTS["status"])
    others = sum(places) - (FACTS["status"] << place % 4 * 2)
    equal(others, 0)

with check("a list with a flipped byte is not believed"):
    with refused(cwt.VerifyError):
        cwt.decode(flipped(document, len(document) - 1), keys["status"])

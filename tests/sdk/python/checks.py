"""Named checks, one after another; the first surprise ends the script with a sentence.

The script is told on stdin where the mock is and which credentials it knows.
"""

import json
import sys
import traceback
import urllib.request
from contextlib import contextmanager
from pathlib import Path

FACTS = json.load(sys.stdin)
BASE = FACTS["base"]


@contextmanager
def check(promise):
    """What the block does must go through."""
    try:
        yield
    except Exception as surprise:
        traceback.print_exc()
        sys.exit(f"not so: {promise}: {type(surprise).__name__}: {surprise}")
    print(f"so: {promise}", flush=True)


@contextmanager
def refused(kind, **members):
    """The block must raise `kind`, and its members must be these."""
    try:
        yield
    except kind as refusal:
        for name, wanted in members.items():
            equal(getattr(refusal, name), wanted)
        return
    raise AssertionError(f"no {kind.__name__} was raised")


def equal(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"{actual!r} instead of {wanted!r}")


def holds(claim, what):
    if not claim:
        raise AssertionError(what)


def control(path, **order):
    """Post an order to the mock's control surface."""
    body = json.dumps(order).encode()
    with urllib.request.urlopen(f"{BASE}/__ctl/{path}", data=body, timeout=10) as answer:
        return json.load(answer)


def shown(path):
    """What the control surface shows."""
    with urllib.request.urlopen(f"{BASE}/__ctl/{path}", timeout=10) as answer:
        return json.load(answer)


def keep(name, content):
    """Leave a file behind for whoever started the script."""
    Path(FACTS["folder"], name).write_bytes(content)

"""How schemathesis sends the bodies that are not JSON."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_, value):
    """One JSON text a line; what is no list is sent as it is."""
    if isinstance(value, (bytes, str)):
        return value if isinstance(value, bytes) else value.encode()
    values = value if isinstance(value, list) else [value]
    return "".join(json.dumps(each) + "\n" for each in values).encode()

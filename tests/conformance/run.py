#!/usr/bin/env python3
"""Ask a development service whatever openapi.yaml allows, and much that it does not, as everybody in turn.

    python3 -m venv /tmp/conformance && /tmp/conformance/bin/pip install schemathesis==4.32.5
    PATH=/tmp/conformance/bin:$PATH tests/conformance/run.py [--max-examples N] [nobody|citizen|staff|unit…]

Starts `tongxing dev` on a free port with data of its own, logs a citizen, a member of staff with every role and
a unit in through the API and the outside world that it brings, and has schemathesis compare what is answered
with the document: no 5xx, no status, content type or body that the document does not have, nothing accepted
that it forbids. Exits with 1 if anything does not fit. What it found last is in the folder that it names.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")
HOOKS = pathlib.Path(__file__).with_name("hooks.py")

# Whoever logs out, or has the service do less, ends the run for everybody after.
LEFT_OUT = "deleteAccount|logOut|endSession|staffLogOut|organisationLogOut|orderServiceLevel|freeServiceLevel|suspendStaff|revokeGrant"

# Somebody made up; the check character fits, and it is nobody's number.
PHONE, NAME, DOCUMENT = "13800138000", "张伟", "31010119850505003X"
LEGAL_PERSON = {"name": NAME, "document_type": "resident_card", "document_number": DOCUMENT}
COMPANY = {"credit_code": "91310115MA1H7ABC80", "organisation_name": "上海浦江商贸有限公司", "legal_person": LEGAL_PERSON}
VENUE = {"name": "浦江小店", "category": "shop", "division": "310115", "address": "示范路1号"}
ROLES = [
    "community_issuer", "reviewer", "checkpoint_officer", "police", "epidemiologist", "data_steward",
    "policy_author", "policy_approver", "region_admin", "grant_approver", "auditor", "key_custodian",
]


class Service:
    """A development service, and the outside world beside it."""

    def __init__(self, binary, folder):
        self.folder = pathlib.Path(folder)
        self.sessions = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        # One address asks everything here, which no limit is meant for.
        plenty = '{ count = 1000000, seconds = 3600 }'
        self.config = self.folder / "tongxing.toml"
        self.config.write_text(
            f'[server]\nlisten = "127.0.0.1:{port}"\npublic_url = "{self.url}"\n'
            f'[login]\nper_address = {plenty}\nper_subnet = {plenty}\nper_device = {plenty}\n'
            f'[staff]\nper_address = {plenty}\n'
            f'[telemetry]\nfilter = "warn"\n'
        )
        self.log = open(self.folder / "service.log", "w")
        self.binary = binary
        self.process = subprocess.Popen(
            [binary, "--config", self.config], cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        for line in self.process.stdout:
            if line.startswith("outside world"):
                self.world = line.split()[-1].rstrip("/")
                return
        raise SystemExit(f"the service did not start: see {self.folder}/service.log")

    def run(self, *arguments):
        """What `tongxing` prints, one `name  value` a line."""
        out = subprocess.run(
            [self.binary, "--config", self.config, *arguments],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, text=True, check=True,
        ).stdout
        return dict(line.split(maxsplit=1) for line in out.splitlines() if line)

    def database(self):
        return sqlite3.connect(self.folder / "data/tongxing.db", timeout=30)

    def call(self, method, path, body=None, token=None):
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
            request.add_header("idempotency-key", str(uuid.uuid4()))
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
        return json.loads(text) if text else None

    def session(self, log_in):
        """What `log_in` gave, which is done once."""
        if log_in not in self.sessions:
            self.sessions[log_in] = log_in(self)
        return self.sessions[log_in]

    def stop(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()


def citizen(service):
    """The token of a citizen with a real name, and what they may name."""
    begun = service.call("POST", "/v1/login/sms-codes", {"phone": PHONE})
    inbox = service.call("GET", f"{service.world}/sms/%2B86{PHONE}")
    sms = json.dumps(inbox[-1] if isinstance(inbox, list) else inbox)
    code = next(digits for digits in sms.replace('"', " ").split() if len(digits) == 6 and digits.isdigit())
    terms = service.call("GET", "/v1/terms")
    accepted = {name: terms[name]["version"] for name in ("terms", "privacy")}
    login = {"request_id": begun["request_id"], "phone": PHONE, "code": code, "accepted": accepted}
    tokens = service.call("POST", "/v1/login/sms", login)
    identity = {"name": NAME, "document_kind": "resident_card", "document_number": DOCUMENT}
    service.call("PUT", "/v1/me/identity", identity, tokens["access_token"])
    return tokens["access_token"], {"person": tokens["person_id"]}


def totp(uri):
    """The code that an authenticator shows now for an `otpauth:` address."""
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["secret"][0]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def staff(service):
    """The token of somebody who holds every role everywhere that the demo data has people."""
    invited = service.run(
        "staff", "invite", "--name", "李红", "--unit", "疾控中心", "--role", "region_admin", "--division", "310000"
    )
    uri = service.call("POST", "/v1/staff/enrolment/totp", {"secret": invited["secret"]})["otpauth_uri"]
    first = totp(uri)
    service.call("POST", "/v1/staff/enrolment/totp/confirmation", {"secret": invited["secret"], "code": first})
    # Two people grant roles, one by one; here the rows are copied.
    with contextlib.closing(service.database()) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(staff_grant)")]
        row = dict(zip(columns, database.execute("SELECT * FROM staff_grant").fetchone()))
        for role in ROLES:
            if role != row["role"]:
                id = uuid.uuid4().bytes if isinstance(row["id"], bytes) else str(uuid.uuid4())
                values = row | {"id": id, "role": role}
                database.execute(
                    f"INSERT INTO staff_grant ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})",
                    [values[column] for column in columns],
                )
    while totp(uri) == first:
        time.sleep(1)
    session = service.call("POST", "/v1/staff/login/totp", {"handle": invited["handle"], "code": totp(uri)})
    return session["token"], {"account": session["account_id"]}


def unit(service):
    """The token of a company whose legal person is the citizen, and whose venue was granted."""
    service.session(citizen)
    service.call("POST", f"{service.world}/certificates/holder", {"unit": COMPANY})
    path = "/v1/organisation-sessions"
    begun = service.call("POST", f"{path}/authorization", {"certificate": "legal_person_certificate"})
    opener = urllib.request.build_opener(Stay)
    back = opener.open(begun["authorization_url"]).headers["location"]
    came = {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(back).query).items()}
    body = {"code": came["code"], "state": came["state"], "binding": begun["binding"]}
    session = service.call("POST", path, body)
    own = f"/v1/organisations/{session['organisation']}"
    service.call("POST", f"{own}/venues", VENUE, session["token"])
    reviewer, _ = service.session(staff)
    for case in service.call("GET", "/v1/staff/review/cases", token=reviewer)["items"]:
        if case["subject"] == "venue":
            path = f"/v1/staff/review/cases/{case['id']}/actions"
            service.call("POST", path, {"action": "approve"}, reviewer)
    venue = service.call("GET", f"{own}/venues", token=session["token"])["items"][0]
    return session["token"], {"organisation": session["organisation"], "venue": venue["id"]}


class Stay(urllib.request.HTTPRedirectHandler):
    """Hands a redirection back instead of following it."""

    def http_error_302(self, request, answer, code, message, headers):
        return answer


LOG_IN = {"nobody": lambda service: (None, {}), "citizen": citizen, "staff": staff, "unit": unit}


def configured(service, known):
    """The configuration, with what this caller may name in paths now and then."""
    lines = [CONFIG.read_text()]
    for name, value in known.items():
        lines.append(f'[dictionaries.{name}]\nvalues = ["{value}"]\n')
    if known:
        lines.append("[parameters]\n")
    for name in known:
        lines.append(f'"path.{name}" = {{ dictionary = "{name}", probability = 0.7 }}\n')
    path = service.folder / "schemathesis.toml"
    path.write_text("".join(lines))
    return path


def ask(service, who, examples, extra):
    token, known = service.session(LOG_IN[who])
    arguments = [
        "schemathesis", "--config-file", configured(service, known), "run", f"{service.url}/openapi.json",
        "--url", service.url, "--max-examples", str(examples), "--exclude-operation-id-regex", f"^({LEFT_OUT})$",
        "--report", "ndjson", "--report-dir", service.folder / who, *extra,
    ]
    if token:
        arguments += ["--header", f"Authorization: Bearer {token}"]
    environment = os.environ | {"NO_COLOR": "1", "SCHEMATHESIS_HOOKS": str(HOOKS)}
    return subprocess.run(arguments, env=environment, cwd=service.folder, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-examples", type=int, default=10)
    parser.add_argument("--binary", default=REPOSITORY / "target/debug/tongxing")
    parser.add_argument("who", nargs="*", choices=[*LOG_IN, []], default=[])
    options, extra = parser.parse_known_args()
    folder = tempfile.mkdtemp(prefix="tongxing-conformance-")
    print(f"in {folder}", flush=True)
    wrong = []
    for who in options.who or LOG_IN:
        print(f"== {who}", flush=True)
        # Each has a service of their own: nobody guesses away the log-ins of whoever comes next.
        own = pathlib.Path(folder, who)
        own.mkdir()
        service = Service(options.binary, own)
        try:
            if ask(service, who, options.max_examples, extra) != 0:
                wrong.append(who)
        finally:
            service.stop()
    sys.exit(f"as {', '.join(wrong)} not everything fits" if wrong else 0)


if __name__ == "__main__":
    main()

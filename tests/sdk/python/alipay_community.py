"""python-alipay-sdk, which asks by GET alone, against Alipay's gateway."""

import sys
from pathlib import Path
from urllib.parse import parse_qsl

# Before the other package of this name.
sys.path.insert(0, str(Path(sys.prefix).with_name("python-apart")))

from alipay import AliPay, DCAliPay  # noqa: E402
from alipay.exceptions import AliPayException, AliPayValidationError  # noqa: E402
from checks import BASE, FACTS, check, control, equal, holds, refused, shown  # noqa: E402
from receiver import receiving  # noqa: E402

APP = FACTS["alipay"]


def pem(kind, text):
    return f"-----BEGIN {kind} KEY-----\n{text}\n-----END {kind} KEY-----"


def client_with(**changes):
    client = AliPay(
        appid=changes.get("app_id", APP["app_id"]),
        app_private_key_string=pem("PRIVATE", changes.get("private_key", APP["private_key"])),
        alipay_public_key_string=pem("PUBLIC", changes.get("public_key", APP["public_key"])),
    )
    # Only two addresses can be chosen from outside: Alipay's own.
    client._gateway = f"{BASE}/gateway.do"
    return client


def auth_code(scope="auth_base"):
    return control("users/li/alipay/auth-code", scope=scope)["authCode"]


def exchange(code, client):
    return client.server_api(
        "alipay.system.oauth.token", grant_type="authorization_code", code=code
    )


client = client_with()

with check("an authorisation code tells who somebody is"):
    code = auth_code("auth_user")
    tokens = exchange(code, client)
    equal(tokens["open_id"], shown("users/li")["alipay_open_id"])

with check("what somebody shows is shown"):
    info = client.server_api("alipay.user.info.share", auth_token=tokens["access_token"])
    equal((info["code"], info["open_id"]), ("10000", tokens["open_id"]))

with check("a used authorisation code is refused"):
    try:
        exchange(code, client)
    except AliPayException as refusal:
        holds("isv.code-invalid" in str(refusal), str(refusal))
    else:
        raise AssertionError("the code was taken again")

with check("an answer under another key is not taken for Alipay's"):
    with refused(AliPayValidationError):
        exchange(auth_code(), client_with(public_key=APP["app_public_key"]))

with check("an app in certificate mode learns who somebody is"):
    app_id = APP["certified_app_id"]
    certificates = shown(f"alipay/certificates/{app_id}")
    certified = DCAliPay(
        appid=app_id,
        app_private_key_string=pem("PRIVATE", APP["private_key"]),
        app_public_key_cert_string=certificates["app"],
        alipay_public_key_cert_string=certificates["alipay"],
        alipay_root_cert_string=certificates["roots"],
    )
    certified._gateway = client._gateway
    code = control("users/li/alipay/auth-code", app_id=app_id)["authCode"]
    holds(exchange(code, certified)["open_id"] != tokens["open_id"], "one id in two apps")

with check("a notification is signed, and its signature fits nothing else"):
    told = []
    with receiving(lambda call: told.append(call) or "success") as url:
        control("users/li/alipay/notification", url=url, kind="fence", fields={"note": "带 + 的字"})
    [call] = told
    form = dict(parse_qsl(call.body))
    sign = form.pop("sign")
    holds(client.verify(dict(form), sign), f"{form} is not signed")
    holds(not client.verify({**form, "note": "另一个"}, sign), "signed whatever it says")

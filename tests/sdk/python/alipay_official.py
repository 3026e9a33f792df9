"""Alipay's own Python SDK against its gateway."""

import json
import socket
from base64 import b64decode
from urllib.parse import urlsplit

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.domain.AlipayOpenAppMiniTemplatemessageSendModel import (
    AlipayOpenAppMiniTemplatemessageSendModel,
)
from alipay.aop.api.domain.AlipayOpenAppQrcodeCreateModel import AlipayOpenAppQrcodeCreateModel
from alipay.aop.api.request.AlipayOpenAppMiniTemplatemessageSendRequest import (
    AlipayOpenAppMiniTemplatemessageSendRequest,
)
from alipay.aop.api.request.AlipayOpenAppQrcodeCreateRequest import (
    AlipayOpenAppQrcodeCreateRequest,
)
from alipay.aop.api.request.AlipaySystemOauthTokenRequest import AlipaySystemOauthTokenRequest
from alipay.aop.api.request.AlipayUserInfoShareRequest import AlipayUserInfoShareRequest
from alipay.aop.api.util.SignatureUtils import verify_with_rsa
from checks import BASE, FACTS, check, control, equal, holds, refused, shown
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

APP = FACTS["alipay"]
GATEWAY = "gateway.invalid"


def lead_to_the_mock():
    """The SDK takes any host but only port 80, so this host's port 80 is the mock's port."""
    connect = socket.create_connection
    mock = urlsplit(BASE)

    def create_connection(address, *arguments, **options):
        if address == (GATEWAY, 80):
            address = (mock.hostname, mock.port)
        return connect(address, *arguments, **options)

    socket.create_connection = create_connection


def pkcs1(pkcs8):
    """The SDK reads the older of the two forms of a private key."""
    key = serialization.load_der_private_key(b64decode(pkcs8), password=None)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return "".join(pem.decode().splitlines()[1:-1])


def client_with(**changes):
    config = AlipayClientConfig()
    config.server_url = f"http://{GATEWAY}/gateway.do"
    config.app_id = changes.get("app_id", APP["app_id"])
    config.app_private_key = pkcs1(changes.get("private_key", APP["private_key"]))
    config.alipay_public_key = changes.get("public_key", APP["public_key"])
    return DefaultAlipayClient(config)


def auth_code(scope="auth_base"):
    return control("users/li/alipay/auth-code", scope=scope)["authCode"]


def exchange(code, client):
    request = AlipaySystemOauthTokenRequest()
    request.grant_type = "authorization_code"
    request.code = code
    return json.loads(client.execute(request))


def share(token, client):
    request = AlipayUserInfoShareRequest()
    request.udf_params = {"auth_token": token}
    return json.loads(client.execute(request))


lead_to_the_mock()
client = client_with()

with check("an authorisation code tells who somebody is"):
    code = auth_code()
    tokens = exchange(code, client)
    equal(tokens["open_id"], shown("users/li")["alipay_open_id"])
    equal(tokens["expires_in"], 15 * 86_400)
    holds("code" not in tokens, "a success of this method carries no code")

with check("an authorisation code is good for one log-in"):
    refusal = exchange(code, client)
    equal((refusal["code"], refusal["sub_code"]), ("40002", "isv.code-invalid"))

with check("a refresh token is exchanged, and dies of it"):
    request = AlipaySystemOauthTokenRequest()
    request.grant_type = "refresh_token"
    request.refresh_token = tokens["refresh_token"]
    renewed = json.loads(client.execute(request))
    equal(renewed["open_id"], tokens["open_id"])
    holds(renewed["access_token"] != tokens["access_token"], "the same access token")
    refusal = json.loads(client.execute(request))
    equal(refusal["sub_code"], "isv.refresh-token-invalid")

with check("what somebody shows is shown to whom it was allowed"):
    allowed = exchange(auth_code("auth_user"), client)
    info = share(allowed["access_token"], client)
    equal((info["code"], info["open_id"]), ("10000", tokens["open_id"]))
    refusal = share(renewed["access_token"], client)
    equal((refusal["code"], refusal["sub_code"]), ("40006", "isv.insufficient-user-permissions"))
    refusal = share("invented", client)
    equal((refusal["code"], refusal["sub_code"]), ("20001", "aop.invalid-auth-token"))

with check("somebody else's key is a wrong signature, and even that is told signed"):
    refusal = exchange(auth_code(), client_with(private_key=APP["other_private_key"]))
    equal(refusal["sub_code"], "isv.invalid-signature")

with check("an unknown app is refused, signed"):
    equal(exchange(auth_code(), client_with(app_id="2021999999999999"))["sub_code"],
          "isv.invalid-app-id")

with check("an answer under another key is not taken for Alipay's"):
    with refused(Exception):
        exchange(auth_code(), client_with(public_key=APP["app_public_key"]))

with check("a telephone number is signed and sealed"):
    control("users/li", number="13900139000")
    payload = json.loads(control("users/li/alipay/phone-payload")["response"])
    signed = f'"{payload["response"]}"'.encode()
    holds(verify_with_rsa(APP["public_key"], signed, payload["sign"]), "a wrong signature")
    opener = Cipher(algorithms.AES(b64decode(APP["aes_key"])), modes.CBC(bytes(16))).decryptor()
    padded = opener.update(b64decode(payload["response"])) + opener.finalize()
    unpadder = PKCS7(128).unpadder()
    plain = json.loads(unpadder.update(padded) + unpadder.finalize())
    equal((plain["code"], plain["mobile"]), ("10000", "13900139000"))

with check("a message arrives"):
    words = AlipayOpenAppMiniTemplatemessageSendModel()
    words.to_open_id = tokens["open_id"]
    words.user_template_id = APP["template"]
    words.page = "pages/code/index"
    words.data = json.dumps({f"keyword{number}": {"value": "字"} for number in (1, 2, 3)})
    sent = json.loads(client.execute(AlipayOpenAppMiniTemplatemessageSendRequest(words)))
    equal((sent["code"], sent["msg"]), ("10000", "Success"))
    [read] = shown("users/li/alipay/messages")["messages"]
    equal(read["values"], {"keyword1": "字", "keyword2": "字", "keyword3": "字"})

with check("a message that fits no template is refused, signed"):
    words.data = "{}"
    sent = json.loads(client.execute(AlipayOpenAppMiniTemplatemessageSendRequest(words)))
    equal(sent["code"], "40004")

with check("the picture of a page has an address"):
    page = AlipayOpenAppQrcodeCreateModel()
    page.url_param = "pages/venue/venue"
    page.query_param = "v=1"
    page.describe = "南门"
    drawn = json.loads(client.execute(AlipayOpenAppQrcodeCreateRequest(page)))
    equal(drawn["code"], "10000")
    holds(drawn["qr_code_url"].startswith("http"), drawn["qr_code_url"])

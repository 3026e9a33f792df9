"""wechatpy against WeChat: tokens, log-ins, telephone numbers."""

import hashlib
import hmac

from checks import check, control, equal, holds, refused, shown
from wechat_app import APP, PLATFORM, client_of, login_code
from wechatpy.exceptions import APILimitedException, WeChatClientException


def phone_code(person="zhang"):
    return control(f"users/{person}/wechat/phone-code")["code"]


client = client_of()

with check("a token is fetched once and kept"):
    token = client.access_token
    holds(len(token) > 100, f"a token of {len(token)} characters")
    equal(client.access_token, token)

with check("a wrong secret gets no token"):
    with refused(WeChatClientException, errcode=40125):
        client_of(APP["app_id"], "0" * 32).fetch_access_token()

with check("an unknown app gets no token"):
    with refused(WeChatClientException, errcode=40013):
        client_of("wx0000000000000bad", APP["secret"]).fetch_access_token()

with check("a login code tells who somebody is"):
    code = login_code()
    session = client.wxa.code_to_session(code)
    equal(session["openid"], shown("users/zhang")["wechat_openid"])
    equal(len(session["openid"]), 28)
    equal(len(session["session_key"]), 24)

with check("a login code is good for one log-in"):
    with refused(WeChatClientException, errcode=40163):
        client.wxa.code_to_session(code)

with check("an invented login code is refused"):
    with refused(WeChatClientException, errcode=40029):
        client.wxa.code_to_session("0" * 32)

with check("a person whom WeChat holds for a risk cannot log in"):
    control("users/zhang/wechat/blocked", blocked=True)
    with refused(WeChatClientException, errcode=40226):
        client.wxa.code_to_session(login_code())
    control("users/zhang/wechat/blocked", blocked=False)

with check("the current session key signs, another does not"):
    key = client.wxa.code_to_session(login_code())["session_key"]

    def check_session(key):
        signature = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
        return client.get(
            f"{PLATFORM}/wxa/checksession",
            params={
                "openid": session["openid"],
                "signature": signature,
                "sig_method": "hmac_sha256",
            },
        )

    equal(check_session(key)["errmsg"], "ok")
    with refused(WeChatClientException, errcode=87009):
        check_session(session["session_key"])

with check("a phone code tells the number"):
    control("users/zhang", number="13800138000")
    info = client.wxa.get_phone_number(phone_code())["phone_info"]
    equal(info["phoneNumber"], "13800138000")
    equal(info["purePhoneNumber"], "13800138000")
    equal(info["countryCode"], "86")
    equal(info["watermark"]["appid"], APP["app_id"])

with check("a login code is no phone code"):
    with refused(WeChatClientException, errcode=40029):
        client.wxa.get_phone_number(login_code())

with check("an expired token is replaced and the call repeated"):
    control("tokens/age", seconds=7300)
    old = client.access_token
    equal(client.wxa.get_phone_number(phone_code())["phone_info"]["countryCode"], "86")
    holds(client.access_token != old, "the old token is still in use")

with check("an invented token is replaced and the call repeated"):
    client.session.set(client.access_token_key, "invented")
    equal(client.wxa.get_phone_number(phone_code())["phone_info"]["countryCode"], "86")

with check("a used-up quota is told apart from a refusal"):
    control("faults", endpoint="wechat.phone_number", fault={"kind": "quota"})
    with refused(APILimitedException, errcode=45009):
        client.wxa.get_phone_number(phone_code())

with check("a path that WeChat does not have is refused in its words"):
    with refused(WeChatClientException, errcode=40066):
        client.post(f"{PLATFORM}/wxa/nothing", data={})

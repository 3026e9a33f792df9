"""wechatpy against WeChat: messages, codes of pages, data that pages get encrypted."""

from checks import check, control, equal, keep, refused, shown
from wechat_app import APP, client_of, login_code
from wechatpy.crypto import WeChatWxaCrypto
from wechatpy.exceptions import (
    InvalidAppIdException,
    InvalidSignatureException,
    WeChatClientException,
)
from wechatpy.utils import check_wxa_signature

client = client_of()
session = client.wxa.code_to_session(login_code())
ONCE, ALWAYS = APP["reminder"], APP["notice"]
WORDS = {
    "thing1": {"value": "健康码"},
    "thing2": {"value": "请于今天完成申报"},
    "time3": {"value": "2022年3月5日 09:30"},
}


def allow(template):
    return control("users/zhang/wechat/subscribe", templates=[template], accept=[template])


def send(template=ONCE, openid=session["openid"], words=WORDS, page="pages/code/index"):
    return client.wxa.send_subscribe_message(openid, template, words, page)


def not_sent(errcode, **changes):
    with refused(WeChatClientException, errcode=errcode):
        send(**changes)


def inbox():
    return shown("users/zhang/wechat/messages")["messages"]


with check("nobody is written to without leave"):
    not_sent(43101)
    not_sent(43101, template=ALWAYS)

with check("one tap is one message"):
    equal(allow(ONCE)[ONCE], "accept")
    equal(send()["errmsg"], "ok")
    [read] = inbox()
    equal([line["value"] for line in read["values"]], [word["value"] for word in WORDS.values()])
    equal(read["page"], "pages/code/index")
    not_sent(43101)

with check("taps add up"):
    allow(ONCE)
    allow(ONCE)
    send()
    send()
    not_sent(43101)

with check("a long-term template is allowed until it is refused"):
    allow(ALWAYS)
    for _ in range(3):
        send(template=ALWAYS)
    control("users/zhang/wechat/subscription", template=ALWAYS, accept=False)
    not_sent(43101, template=ALWAYS)

with check("every value keeps to its kind, and what is refused costs no leave"):
    allow(ONCE)
    for key, value in {
        "thing1": "一" * 21,
        "thing2": "",
        "time3": "tomorrow",
    }.items():
        not_sent(47003, words={**WORDS, key: {"value": value}})
    not_sent(47003, words={"thing1": WORDS["thing1"]})
    not_sent(47003, words={**WORDS, "thing1": "not an object"})
    send(words={**WORDS, "thing1": {"value": "一" * 20}})

with check("unknown templates and people are told apart"):
    not_sent(40037, template="unknown")
    not_sent(40003, openid="o" * 28)
    equal(len(inbox()), 7)

with check("the code of a page is a picture"):
    answer = client.wxa.get_wxa_code_unlimited("v=A1", page="pages/venue/venue")
    equal(answer.headers["content-type"], "image/jpeg")
    keep("code.png", answer.content)

with check("a scene is short and plain"):
    for scene, errcode in {"x" * 33: 40169, "": 40169, "门": 40129, "50%": 40129}.items():
        with refused(WeChatClientException, errcode=errcode):
            client.wxa.get_wxa_code_unlimited(scene, page="pages/venue/venue")

with check("a page is a path of the app and no more"):
    for page in ("/pages/venue/venue", "pages/venue/venue?v=1"):
        with refused(WeChatClientException, errcode=41030):
            client.wxa.get_wxa_code_unlimited("v=A1", page=page)

with check("the telephone number that a page gets is encrypted for this log-in"):
    control("users/zhang", number="13800138000")
    sealed = control("users/zhang/wechat/phone-data")
    opener = WeChatWxaCrypto(session["session_key"], sealed["iv"], APP["app_id"])
    phone = opener.decrypt_message(sealed["encryptedData"])
    equal((phone["purePhoneNumber"], phone["countryCode"]), ("13800138000", "86"))
    with refused(InvalidAppIdException):
        other = WeChatWxaCrypto(session["session_key"], sealed["iv"], "wx0000000000000bad")
        other.decrypt_message(sealed["encryptedData"])

with check("a profile is signed and encrypted for this log-in"):
    info = control("users/zhang/wechat/user-info")
    check_wxa_signature(session["session_key"], info["rawData"], info["signature"])
    with refused(InvalidSignatureException):
        check_wxa_signature(session["session_key"], info["rawData"] + " ", info["signature"])
    opener = WeChatWxaCrypto(session["session_key"], info["iv"], APP["app_id"])
    equal(opener.decrypt_message(info["encryptedData"])["openId"], session["openid"])

with check("another log-in has another key"):
    client.wxa.code_to_session(login_code())
    sealed = control("users/zhang/wechat/phone-data")
    opener = WeChatWxaCrypto(session["session_key"], sealed["iv"], APP["app_id"])
    with refused(Exception):
        opener.decrypt_message(sealed["encryptedData"])

"""wechatpy receives what WeChat pushes: in every mode, in both formats."""

import json

import xmltodict
from checks import check, control, equal, refused, shown
from receiver import receiving
from wechat_app import APP, client_of, login_code
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.events import SubscribeMsgPopupEvent
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

TOKEN, KEY = APP["push_token"], APP["encoding_aes_key"]
crypto = WeChatCrypto(TOKEN, KEY, APP["app_id"])
session = client_of().wxa.code_to_session(login_code())


def set_push(url, mode, form):
    control(
        f"wechat/{APP['app_id']}/push",
        url=url,
        token=TOKEN,
        encoding_aes_key=KEY,
        mode=mode,
        format=form,
    )


def answer_question(*templates):
    """The user answers; returns what was told of it."""
    control("users/zhang/wechat/subscribe", templates=list(templates), accept=list(templates))
    return control("wechat/pushes/flush")["pushes"][-1]


def genuine(call):
    query = call.query
    check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])


def opened(call, with_crypto=crypto):
    """The message within an encrypted push."""
    query = call.query
    equal(query["encrypt_type"], "aes")
    body = json.loads(call.body) if call.body.startswith("{") else call.body
    return with_crypto.decrypt_message(
        body, query["msg_signature"], query["timestamp"], query["nonce"]
    )


def read(text):
    """A message in either format, as the names of WeChat's own documentation."""
    if text.startswith("{"):
        return json.loads(text)
    return xmltodict.parse(text)["xml"]


def is_the_answer(message):
    equal(message["Event"], "subscribe_msg_popup_event")
    equal(message["FromUserName"], session["openid"])
    entry = message.get("List") or message["SubscribeMsgPopupEvent"]["List"]
    equal(
        (entry["TemplateId"], entry["SubscribeStatusString"]),
        (APP["notice"], "accept"),
    )


calls = []


def take(call):
    calls.append(call)
    return "success"


for form in ("json", "xml"):
    with receiving(take) as url:
        with check(f"a plain push in {form} is signed"):
            set_push(url, "plaintext", form)
            equal(answer_question(APP["notice"])["accepted"], True)
            call = calls.pop()
            genuine(call)
            is_the_answer(read(call.body))

        with check(f"a compatible push in {form} says the same twice"):
            set_push(url, "compatible", form)
            answer_question(APP["notice"])
            call = calls.pop()
            genuine(call)
            is_the_answer(read(call.body))
            is_the_answer(read(opened(call)))

        with check(f"a secure push in {form} says it sealed alone"):
            set_push(url, "secure", form)
            answer_question(APP["notice"])
            call = calls.pop()
            genuine(call)
            equal(sorted(read(call.body)), ["Encrypt", "ToUserName"])
            is_the_answer(read(opened(call)))
            with refused(InvalidAppIdException):
                opened(call, WeChatCrypto(TOKEN, KEY, "wx0000000000000bad"))
            with refused(InvalidSignatureException):
                opened(call, WeChatCrypto("another", KEY, APP["app_id"]))

with check("the SDK knows the event by its name"):
    with receiving(take) as url:
        set_push(url, "secure", "xml")
        answer_question(APP["notice"])
        event = parse_message(opened(calls.pop()))
        equal(type(event), SubscribeMsgPopupEvent)
        equal(event.source, session["openid"])

with check("an answer that the SDK sealed is taken"):

    def sealed(call):
        reply = {"ToUserName": session["openid"], "MsgType": "text", "Content": "收到"}
        xml = xmltodict.unparse({"xml": reply}, full_document=False)
        return crypto.encrypt_message(xml, call.query["nonce"], call.query["timestamp"])

    with receiving(sealed) as url:
        set_push(url, "secure", "xml")
        equal(answer_question(APP["notice"])["accepted"], True)

with check("an answer that is neither sealed nor plain consent is not, and it comes again"):
    with receiving(lambda call: calls.append(call) or "busy") as url:
        set_push(url, "plaintext", "json")
        equal(answer_question(APP["notice"])["accepted"], False)
    equal(len(calls), 3)
    equal(len({json.loads(call.body)["CreateTime"] for call in calls}), 1)

with check("an address is believed when it echoes what it is sent"):

    def echo(call):
        genuine(call)
        return call.query["echostr"]

    with receiving(echo) as url:
        set_push(url, "secure", "json")
        equal(control(f"wechat/{APP['app_id']}/push/verify"), {"verified": True})
    with receiving(lambda call: f'"{call.query["echostr"]}"') as url:
        set_push(url, "secure", "json")
        equal(control(f"wechat/{APP['app_id']}/push/verify"), {"verified": False})
    equal(shown("wechat/pushes")["pushes"][-1]["attempt"], 3)

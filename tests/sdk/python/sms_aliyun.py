"""Alibaba Cloud's own SDK against Aliyun's SMS gateway."""

import json
from urllib.parse import urlsplit

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from checks import BASE, FACTS, check, control, equal, holds, refused, shown

ACCOUNT = FACTS["aliyun"]


def client_of(access_key_id, access_key_secret):
    config = Config(
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
        endpoint=urlsplit(BASE).netloc,
        protocol="http",
    )
    return Client(config)


client = client_of(ACCOUNT["access_key_id"], ACCOUNT["access_key_secret"])


def send(through=client, **changes):
    order = {
        "phone_numbers": "13800138000",
        "sign_name": ACCOUNT["sign"],
        "template_code": ACCOUNT["template"],
        "template_param": json.dumps({"code": "314159"}),
    }
    return through.send_sms(SendSmsRequest(**{**order, **changes})).body


with check("a code arrives"):
    answer = send()
    equal(answer.code, "OK")
    equal(answer.message, "OK")
    holds(answer.biz_id, "no BizId")
    equal(shown("sms/13800138000")["latest_code"], "314159")

with check("a second code within the minute is refused"):
    answer = send()
    equal(answer.code, "isv.BUSINESS_LIMIT_CONTROL")
    holds("Permits:1" in answer.message, answer.message)

with check("another number is not held up"):
    equal(send(phone_numbers="+8613900139000").code, "OK")

with check("a minute later it goes through"):
    control("clock", advance_ms=61_000)
    equal(send(template_param=json.dumps({"code": "271828"})).code, "OK")
    equal(shown("sms/13800138000")["latest_code"], "271828")

with check("each refusal of the business has its code"):
    control("clock", advance_ms=61_000)
    equal(send(phone_numbers="12345").code, "isv.MOBILE_NUMBER_ILLEGAL")
    equal(send(sign_name="别人").code, "isv.SMS_SIGNATURE_ILLEGAL")
    equal(send(template_code="SMS_0").code, "isv.SMS_TEMPLATE_ILLEGAL")
    equal(send(template_param="{}").code, "isv.TEMPLATE_MISSING_PARAMETERS")
    equal(send(template_param="code").code, "isv.INVALID_JSON_PARAM")

with check("a notice is not a code"):
    notice = {"template_code": ACCOUNT["notice"], "template_param": '{"content": "明天复检"}'}
    equal(send(**notice).code, "OK")
    messages = shown("sms/13800138000")["messages"]
    equal(messages[-1]["text"], "明天复检")
    equal(shown("sms/13800138000")["latest_code"], "271828")

with check("a wrong secret is a wrong signature"):
    wrong = client_of(ACCOUNT["access_key_id"], "wrong")
    with refused(AlibabaCloudException, code="SignatureDoesNotMatch", status_code=400):
        send(wrong)

with check("an unknown key is not found"):
    unknown = client_of("LTAI-nobody", ACCOUNT["access_key_secret"])
    with refused(AlibabaCloudException, code="InvalidAccessKeyId.NotFound", status_code=404):
        send(unknown)

with check("a clock that runs far behind is refused"):
    control("clock", advance_ms=16 * 60_000)
    with refused(AlibabaCloudException, code="InvalidTimeStamp.Expired"):
        send()

"""Tencent Cloud's own SDK against its SMS gateway."""

from urllib.parse import urlsplit

from checks import BASE, FACTS, check, control, equal, holds, refused, shown
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

ACCOUNT = FACTS["tencent"]


def client_of(secret_id, secret_key):
    http = HttpProfile(protocol="http", endpoint=urlsplit(BASE).netloc)
    credential = Credential(secret_id, secret_key)
    return SmsClient(credential, "ap-guangzhou", ClientProfile(httpProfile=http))


client = client_of(ACCOUNT["secret_id"], ACCOUNT["secret_key"])


def send(through=client, **changes):
    request = SendSmsRequest()
    request.PhoneNumberSet = ["+8613800138000"]
    request.SmsSdkAppId = ACCOUNT["app_id"]
    request.SignName = ACCOUNT["sign"]
    request.TemplateId = ACCOUNT["template"]
    request.TemplateParamSet = ["314159"]
    request.SessionContext = "from a test"
    for name, value in changes.items():
        setattr(request, name, value)
    return through.SendSms(request).SendStatusSet


with check("a code arrives"):
    [status] = send()
    equal(status.Code, "Ok")
    equal(status.PhoneNumber, "+8613800138000")
    equal(status.SessionContext, "from a test")
    equal(status.Fee, 1)
    holds(status.SerialNo, "no SerialNo")
    equal(shown("sms/13800138000")["latest_code"], "314159")

with check("a second code within half a minute is refused, for that number alone"):
    first, second = send(PhoneNumberSet=["+8613800138000", "+8613900139000"])
    equal(first.Code, "LimitExceeded.PhoneNumberThirtySecondLimit")
    equal(first.SerialNo, "")
    equal(first.Fee, 0)
    equal(second.Code, "Ok")

with check("half a minute later it goes through"):
    control("clock", advance_ms=31_000)
    [status] = send(TemplateParamSet=["271828"])
    equal(status.Code, "Ok")
    equal(shown("sms/13800138000")["latest_code"], "271828")

with check("each refusal of the business has its code"):
    control("clock", advance_ms=31_000)

    def code_of(**changes):
        [status] = send(**changes)
        return status.Code

    equal(code_of(PhoneNumberSet=["+8612345"]), "InvalidParameterValue.IncorrectPhoneNumber")
    equal(code_of(SignName="别人"), "FailedOperation.SignatureIncorrectOrUnapproved")
    equal(code_of(TemplateId="1"), "FailedOperation.TemplateIncorrectOrUnapproved")
    equal(
        code_of(TemplateParamSet=["not a code"]),
        "InvalidParameterValue.TemplateParameterFormatError",
    )

with check("a notice is not a code"):
    [status] = send(TemplateId=ACCOUNT["notice"], TemplateParamSet=["明天复检"])
    equal(status.Code, "Ok")
    equal(shown("sms/13800138000")["messages"][-1]["text"], "明天复检")
    equal(shown("sms/13800138000")["latest_code"], "271828")

with check("a wrong key is a wrong signature"):
    with refused(TencentCloudSDKException, code="AuthFailure.SignatureFailure"):
        send(client_of(ACCOUNT["secret_id"], "wrong"))

with check("an unknown account is not found"):
    with refused(TencentCloudSDKException, code="AuthFailure.SecretIdNotFound"):
        send(client_of("AKID-nobody", ACCOUNT["secret_key"]))

with check("a clock that runs far behind is refused"):
    control("clock", advance_ms=6 * 60_000)
    with refused(TencentCloudSDKException, code="AuthFailure.SignatureExpire"):
        send()

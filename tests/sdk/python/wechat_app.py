"""wechatpy, pointed at the mock."""

from checks import BASE, FACTS, control
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient

APP = FACTS["wechat"]
PLATFORM = "https://api.weixin.qq.com"


class ToTheMock(HTTPAdapter):
    """The SDK's address is a constant, but its HTTP session can be led elsewhere."""

    def send(self, request, **options):
        request.url = request.url.replace(PLATFORM, BASE, 1)
        return super().send(request, **options)


def client_of(app_id=APP["app_id"], secret=APP["secret"]):
    client = WeChatClient(app_id, secret, timeout=10)
    client._http.mount(f"{PLATFORM}/", ToTheMock())
    return client


def login_code(person="zhang"):
    return control(f"users/{person}/wechat/login-code")["code"]

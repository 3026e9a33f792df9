// node-easywechat and wechat-crypto against WeChat: messages, codes of pages, data that pages get
// encrypted, and what WeChat pushes.

import { join } from 'node:path';

import { FACTS, assert, check, control, sdk, shown } from './checks.mjs';
import { receive } from './receiver.mjs';
import { app, client, loginCode } from './wechat_app.mjs';

const WXBizMsgCrypt = sdk('wechat-crypto');
const easy = client();
const session = await easy.getUtils().codeToSession(await loginCode());

async function send(changes = {}) {
  const json = {
    touser: session.openid,
    template_id: app.reminder,
    data: { thing1: { value: '健康码' }, thing2: { value: '申报' }, time3: { value: '09:30' } },
    ...changes,
  };
  return (await easy.getClient().post('/cgi-bin/message/subscribe/send', { json })).toObject().errcode;
}

function allow(template) {
  return control('users/wang/wechat/subscribe', { templates: [template], accept: [template] });
}

await check('one tap is one message', async () => {
  assert.equal(await send(), 43101);
  await allow(app.reminder);
  assert.equal(await send({ data: { thing1: { value: '健康码' } } }), 47003);
  assert.equal(await send(), 0);
  assert.equal(await send(), 43101);
  assert.equal((await shown('users/wang/wechat/messages')).messages.length, 1);
});

await check('the code of a page is a picture, and a refusal is none', async () => {
  const draw = (scene) => easy.getClient().post('/wxa/getwxacodeunlimit', {
    json: { scene, page: 'pages/venue/venue' },
    responseType: 'arraybuffer',
  });
  (await draw('v=A1')).saveAs(join(FACTS.folder, 'code.png'));
  const refusal = await draw('x'.repeat(33));
  assert.throws(() => refusal.saveAs(join(FACTS.folder, 'none')), /Invalid media/);
});

await check('what a page gets encrypted is for this log-in', async () => {
  await control('users/wang', { number: '13800138000' });
  const { encryptedData, iv } = await control('users/wang/wechat/phone-data');
  const phone = easy.getUtils().decryptSession(session.session_key, iv, encryptedData);
  assert.equal(phone.purePhoneNumber, '13800138000');
  assert.equal(phone.watermark.appid, app.app_id);

  await easy.getUtils().codeToSession(await loginCode());
  const later = await control('users/wang/wechat/phone-data');
  assert.throws(() => easy.getUtils().decryptSession(session.session_key, later.iv, later.encryptedData));
});

await check('a secure push is opened by either package, in both formats', async () => {
  const calls = [];
  const { url, close } = await receive((call) => calls.push(call) && 'success');
  for (const format of ['json', 'xml']) {
    await control(`wechat/${app.app_id}/push`, {
      url,
      token: app.push_token,
      encoding_aes_key: app.encoding_aes_key,
      mode: 'secure',
      format,
    });
    await allow(app.notice);
    const { pushes } = await control('wechat/pushes/flush');
    assert.equal(pushes.at(-1).accepted, true);

    const { query, body } = calls.pop();
    const [, sealed] = /Encrypt(?:"\s*:\s*"|><!\[CDATA\[)([^"\]]+)/.exec(body);
    const { timestamp, nonce, msg_signature: signature } = query;
    const crypt = new WXBizMsgCrypt(app.push_token, app.encoding_aes_key, app.app_id);
    assert.equal(crypt.getSignature(timestamp, nonce, sealed), signature);
    const { message, id } = crypt.decrypt(sealed);
    assert.equal(id, app.app_id);
    assert.match(message, /subscribe_msg_popup_event/);
    assert.ok(message.includes(session.openid));
    assert.equal(easy.getEncryptor().decrypt(sealed, signature, nonce, timestamp), message);
  }
  close();
});

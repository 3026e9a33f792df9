// Alibaba Cloud's older SDK, which signs with HMAC-SHA1, against Aliyun's SMS gateway.

import { BASE, FACTS, assert, check, control, sdk, shown } from './checks.mjs';

const { RPCClient } = sdk('@alicloud/pop-core');
const account = FACTS.aliyun;

function client(accessKeySecret = account.access_key_secret) {
  const accessKeyId = account.access_key_id;
  return new RPCClient({ accessKeyId, accessKeySecret, endpoint: BASE, apiVersion: '2017-05-25' });
}

const official = client();

function send(changes = {}, through = official, method = 'POST') {
  const order = {
    PhoneNumbers: '13800138000',
    SignName: account.sign,
    TemplateCode: account.template,
    TemplateParam: JSON.stringify({ code: '314159' }),
    ...changes,
  };
  return through.request('SendSms', order, { method });
}

await check('a code arrives', async () => {
  assert.equal((await send()).Code, 'OK');
  assert.equal((await shown('sms/13800138000')).latest_code, '314159');
});

await check('a second code within the minute is refused, for that number alone', async () => {
  await assert.rejects(send(), { code: 'isv.BUSINESS_LIMIT_CONTROL' });
  assert.equal((await send({ PhoneNumbers: '13900139000' }, official, 'GET')).Code, 'OK');
});

await check('a minute later it goes through', async () => {
  await control('clock', { advance_ms: 61_000 });
  assert.equal((await send({ TemplateParam: JSON.stringify({ code: '271828' }) })).Code, 'OK');
});

await check('a notice is not a code', async () => {
  const TemplateParam = JSON.stringify({ content: '明天复检' });
  assert.equal((await send({ TemplateCode: account.notice, TemplateParam })).Code, 'OK');
  assert.equal((await shown('sms/13800138000')).latest_code, '271828');
});

await check('a wrong secret is a wrong signature', async () => {
  await assert.rejects(send({}, client('wrong')), { code: 'SignatureDoesNotMatch' });
});

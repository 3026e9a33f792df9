// Alibaba Cloud's own Node SDK against Aliyun's SMS gateway.

import { BASE, FACTS, assert, check, control, sdk, shown } from './checks.mjs';

const { default: Client, SendSmsRequest } = sdk('@alicloud/dysmsapi20170525');
const { $OpenApiUtil } = sdk('@alicloud/openapi-core');
const account = FACTS.aliyun;

function client(changes = {}) {
  const config = new $OpenApiUtil.Config({
    accessKeyId: account.access_key_id,
    accessKeySecret: account.access_key_secret,
    endpoint: new URL(BASE).host,
    protocol: 'http',
    ...changes,
  });
  return new Client(config);
}

const official = client();

async function send(changes = {}, through = official) {
  const request = new SendSmsRequest({
    phoneNumbers: '13800138000',
    signName: account.sign,
    templateCode: account.template,
    templateParam: JSON.stringify({ code: '314159' }),
    ...changes,
  });
  return (await through.sendSms(request)).body;
}

await check('a code arrives', async () => {
  const answer = await send();
  assert.equal(answer.code, 'OK');
  assert.ok(answer.bizId);
  assert.equal((await shown('sms/13800138000')).latest_code, '314159');
});

await check('a second code within the minute is refused, for that number alone', async () => {
  const answer = await send();
  assert.equal(answer.code, 'isv.BUSINESS_LIMIT_CONTROL');
  assert.match(answer.message, /Permits:1/);
  assert.equal((await send({ phoneNumbers: '13900139000' })).code, 'OK');
});

await check('a minute later it goes through', async () => {
  await control('clock', { advance_ms: 61_000 });
  assert.equal((await send({ templateParam: JSON.stringify({ code: '271828' }) })).code, 'OK');
  assert.equal((await shown('sms/13800138000')).latest_code, '271828');
});

await check('a notice is not a code', async () => {
  const templateParam = JSON.stringify({ content: '明天复检' });
  assert.equal((await send({ templateCode: account.notice, templateParam })).code, 'OK');
});

await check('a wrong secret is a wrong signature', async () => {
  const wrong = client({ accessKeySecret: 'wrong' });
  await assert.rejects(send({}, wrong), { code: 'SignatureDoesNotMatch' });
});

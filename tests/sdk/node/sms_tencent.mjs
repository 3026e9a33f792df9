// Tencent Cloud's own Node SDK against its SMS gateway.

import { BASE, FACTS, assert, check, control, sdk, shown } from './checks.mjs';

const { sms } = sdk('tencentcloud-sdk-nodejs-sms');
const account = FACTS.tencent;

function client(secretKey = account.secret_key) {
  return new sms.v20210111.Client({
    credential: { secretId: account.secret_id, secretKey },
    region: 'ap-guangzhou',
    profile: { httpProfile: { protocol: 'http://', endpoint: new URL(BASE).host } },
  });
}

const official = client();

async function send(changes = {}, through = official) {
  const answer = await through.SendSms({
    PhoneNumberSet: ['+8613800138000'],
    SmsSdkAppId: account.app_id,
    SignName: account.sign,
    TemplateId: account.template,
    TemplateParamSet: ['314159'],
    ...changes,
  });
  return answer.SendStatusSet.map((status) => status.Code);
}

await check('a code arrives', async () => {
  assert.deepEqual(await send(), ['Ok']);
  assert.equal((await shown('sms/13800138000')).latest_code, '314159');
});

await check('a second code within half a minute is refused, for that number alone', async () => {
  const PhoneNumberSet = ['+8613800138000', '+8613900139000'];
  const refusal = 'LimitExceeded.PhoneNumberThirtySecondLimit';
  assert.deepEqual(await send({ PhoneNumberSet }), [refusal, 'Ok']);
});

await check('half a minute later it goes through', async () => {
  await control('clock', { advance_ms: 31_000 });
  assert.deepEqual(await send({ TemplateParamSet: ['271828'] }), ['Ok']);
  assert.equal((await shown('sms/13800138000')).latest_code, '271828');
});

await check('a notice is not a code', async () => {
  const notice = { TemplateId: account.notice, TemplateParamSet: ['明天复检'] };
  assert.deepEqual(await send(notice), ['Ok']);
});

await check('a wrong key is a wrong signature', async () => {
  await assert.rejects(send({}, client('wrong')), { code: 'AuthFailure.SignatureFailure' });
});

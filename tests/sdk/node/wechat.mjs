// node-easywechat against WeChat: tokens of either kind, log-ins, telephone numbers.

import { assert, check, control, shown } from './checks.mjs';
import { app, client, loginCode } from './wechat_app.mjs';

async function phoneNumber(through) {
  const { code } = await control('users/wang/wechat/phone-code');
  const path = '/wxa/business/getuserphonenumber';
  return (await through.getClient().post(path, { json: { code } })).toObject();
}

const plain = client();
const stable = client({ use_stable_access_token: true });

await check('a login code tells who somebody is', async () => {
  const session = await plain.getUtils().codeToSession(await loginCode());
  assert.equal(session.openid, (await shown('users/wang')).wechat_openid);
  assert.equal(Buffer.from(session.session_key, 'base64').length, 16);
});

await check('a used or invented code is refused', async () => {
  const code = await loginCode();
  await plain.getUtils().codeToSession(code);
  await assert.rejects(plain.getUtils().codeToSession(code), /"errcode":40163/);
  await assert.rejects(plain.getUtils().codeToSession('0'.repeat(32)), /"errcode":40029/);
});

await check('a token is fetched once and kept', async () => {
  const token = await plain.getAccessToken().getToken();
  assert.ok(token.length > 100);
  assert.equal(await plain.getAccessToken().getToken(), token);
});

await check('a wrong secret gets no token', async () => {
  const wrong = client({ secret: '0'.repeat(32) });
  await assert.rejects(wrong.getAccessToken().getToken(), /"errcode":40125/);
});

await check('a phone code tells the number, under a token of either kind', async () => {
  await control('users/wang', { number: '+852 91234567' });
  for (const through of [plain, stable]) {
    const answer = await phoneNumber(through);
    assert.equal(answer.errcode, 0);
    assert.equal(answer.phone_info.phoneNumber, '85291234567');
    assert.equal(answer.phone_info.purePhoneNumber, '91234567');
    assert.equal(answer.phone_info.countryCode, '852');
    assert.equal(answer.phone_info.watermark.appid, app.app_id);
  }
});

await check('the stable token stays the same', async () => {
  const token = await stable.getAccessToken().getToken();
  assert.equal(await client({ use_stable_access_token: true }).getAccessToken().getToken(), token);
});

await check('an expired token is refused, and its successor taken', async () => {
  await control('tokens/age', { seconds: 7300 });
  assert.equal((await phoneNumber(plain)).errcode, 42001);
  await plain.getCache().delete(plain.getAccessToken().getKey());
  assert.equal((await phoneNumber(plain)).errcode, 0);
});

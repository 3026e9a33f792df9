// Alipay's own Node SDK against its gateway: log-ins, telephone numbers, certificates.

import { app, authCode, checked, client, exchange } from './alipay_app.mjs';
import { assert, check, control, shown } from './checks.mjs';

const official = client();
let tokens;

await check('an authorisation code tells who somebody is', async () => {
  tokens = await exchange(await authCode({ scope: 'auth_user' }), official, checked);
  assert.equal(tokens.openId, (await shown('users/zhao')).alipay_open_id);
  assert.equal(tokens.reExpiresIn, 30 * 86_400);
});

await check('an authorisation code is good for one log-in', async () => {
  const code = await authCode();
  await exchange(code, official, checked);
  const refusal = await exchange(code, official);
  assert.deepEqual([refusal.code, refusal.subCode], ['40002', 'isv.code-invalid']);
});

await check('what somebody shows is shown', async () => {
  const info = await official.exec('alipay.user.info.share', { authToken: tokens.accessToken }, checked);
  assert.deepEqual([info.code, info.openId], ['10000', tokens.openId]);
});

await check('an invented token is refused, signed', async () => {
  const info = await official.exec('alipay.user.info.share', { authToken: 'invented' }, checked);
  assert.deepEqual([info.code, info.subCode], ['20001', 'aop.invalid-auth-token']);
});

await check("somebody else's key is a wrong signature", async () => {
  const refusal = await exchange(await authCode(), client({ privateKey: app.other_private_key }));
  assert.equal(refusal.subCode, 'isv.invalid-signature');
});

await check("an answer under another key is not taken for Alipay's", async () => {
  const misled = client({ alipayPublicKey: app.app_public_key });
  await assert.rejects(exchange(await authCode(), misled, checked), /验签失败/);
});

await check('a telephone number is signed and sealed', async () => {
  await control('users/zhao', { number: '13700137000' });
  const { response } = await control('users/zhao/alipay/phone-payload');
  const payload = JSON.parse(response);
  assert.ok(official.rsaCheck(`"${payload.response}"`, payload.sign, payload.sign_type));
  const plain = JSON.parse(official.aesDecrypt(payload.response));
  assert.deepEqual([plain.code, plain.mobile], ['10000', '13700137000']);
});

await check('a telephone number that was not allowed is a signed refusal', async () => {
  const { response } = await control('users/zhao/alipay/phone-payload', { refused: true });
  const payload = JSON.parse(response);
  assert.ok(official.rsaCheck(payload.response, payload.sign, payload.sign_type));
  assert.notEqual(JSON.parse(payload.response).code, '10000');
});

await check('an app in certificate mode logs people in', async () => {
  const appId = app.certified_app_id;
  const { app: own, alipay, roots } = await shown(`alipay/certificates/${appId}`);
  const changes = {
    appId,
    alipayPublicKey: undefined,
    appCertContent: own,
    alipayPublicCertContent: alipay,
    alipayRootCertContent: roots,
  };
  const code = await authCode({ app_id: appId });
  const answer = await exchange(code, client(changes), checked);
  assert.ok(answer.openId);
  assert.notEqual(answer.openId, tokens.openId, 'every app knows people by other ids');

  const nameless = client({ appId });
  const refusal = await exchange(await authCode({ app_id: appId }), nameless);
  assert.equal(refusal.subCode, 'isv.missing-app-cert-sn');
});

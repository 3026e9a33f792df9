// Alipay's own Node SDK, pointed at the mock.

import { BASE, FACTS, control, sdk } from './checks.mjs';

const { AlipaySdk } = sdk('alipay-sdk');
export const app = FACTS.alipay;

/** With the SDK's own check of the answer's signature, which takes plain successes alone. */
export const checked = { validateSign: true };

/** An app whose keys are known by themselves, unless `changes` says otherwise. */
export function client(changes = {}) {
  return new AlipaySdk({
    appId: app.app_id,
    privateKey: app.private_key,
    keyType: 'PKCS8',
    alipayPublicKey: app.public_key,
    gateway: `${BASE}/gateway.do`,
    encryptKey: app.aes_key,
    ...changes,
  });
}

/** A code of somebody who has the mini-program open. */
export async function authCode(order = {}) {
  return (await control('users/zhao/alipay/auth-code', order)).authCode;
}

export function exchange(code, through, options) {
  const parameters = { grantType: 'authorization_code', code };
  return through.exec('alipay.system.oauth.token', parameters, options);
}

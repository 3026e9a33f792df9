// node-easywechat, pointed at the mock.

import { BASE, FACTS, control, sdk } from './checks.mjs';

const { MiniApp } = sdk('node-easywechat');
export const app = FACTS.wechat;

/** What the SDK would keep in files. */
class Memory extends Map {
  set(key, value) {
    super.set(key, value);
    return true;
  }
}

export function client(changes = {}) {
  const made = new MiniApp({
    app_id: app.app_id,
    secret: app.secret,
    token: app.push_token,
    aes_key: app.encoding_aes_key,
    http: { baseURL: `${BASE}/`, timeout: 10_000 },
    ...changes,
  });
  made.setCache(new Memory());
  return made;
}

export async function loginCode() {
  return (await control('users/wang/wechat/login-code')).code;
}

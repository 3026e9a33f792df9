// Named checks, one after another; the first surprise ends the script with a sentence.
//
// The script is told on stdin where the mock is and which credentials it knows.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export { assert };

export const FACTS = JSON.parse(readFileSync(0, 'utf8'));
export const BASE = FACTS.base;

/** The SDKs do not lie beside the scripts. */
export const sdk = createRequire(join(process.env.TEST_SDK, 'node', 'package.json'));

/** What `steps` does must go through. */
export async function check(promise, steps) {
  try {
    await steps();
  } catch (surprise) {
    console.error(surprise);
    console.error(`not so: ${promise}: ${surprise.message}`);
    process.exit(1);
  }
  console.log(`so: ${promise}`);
}

/** Post an order to the mock's control surface. */
export async function control(path, order = {}) {
  return answered(`${BASE}/__ctl/${path}`, { method: 'POST', body: JSON.stringify(order) });
}

/** What the control surface shows. */
export async function shown(path) {
  return answered(`${BASE}/__ctl/${path}`);
}

async function answered(url, options) {
  const answer = await fetch(url, options);
  assert.equal(answer.status, 200, `${url} answered ${answer.status}`);
  return answer.json();
}

/** Leave a file behind for whoever started the script. */
export function keep(name, bytes) {
  writeFileSync(join(FACTS.folder, name), bytes);
}

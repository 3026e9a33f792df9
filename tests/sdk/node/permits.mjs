// A permit in the hand, the list of keys and a status list under `@auth0/cose`, a library for RFC 9052.

import { createPublicKey } from 'node:crypto';
import { inflateSync } from 'node:zlib';

import { assert, BASE, check, FACTS, sdk } from './checks.mjs';

const { Sign1, Headers } = sdk('@auth0/cose');
const { Decoder } = sdk('cbor-x');
const base45 = sdk('base45');

const cbor = new Decoder({ mapsAsObjects: false, useRecords: false });
const EXPIRES = 4;
const STATUS_INDEX = -65538;
const FACE = -65539;
const STATUS_LIST = 65533;

async function fetched(path) {
  const answer = await fetch(BASE + path);
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

/** An Ed25519 key of its 32 bytes. */
function key(bytes) {
  const x = Buffer.from(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** What `message` says, if one of `keys` signed it whom it names. */
async function believed(message, keys) {
  const signed = Sign1.decode(message);
  const kid = Buffer.from(signed.protectedHeaders.get(Headers.KeyID)).toString('hex');
  assert.ok(keys.has(kid), `no key ${kid}`);
  await signed.verify(keys.get(kid));
  return cbor.decode(signed.payload);
}

function flipped(message, at) {
  const spoiled = Buffer.from(message);
  spoiled[at] ^= 1;
  return spoiled;
}

const token = Buffer.from(base45.decode(FACTS.permit.replace(/^TX1:/, '')));
const keys = { code: new Map(), permit: new Map(), receipt: new Map(), status: new Map(), log: new Map() };
let claims;

await check('the root key signed the list of keys', async () => {
  const root = new Map([[FACTS.root.kid, key(Buffer.from(FACTS.root.key, 'hex'))]]);
  const listed = await believed(await fetched('/v1/keys'), root);
  for (const entry of listed.get(5)) {
    keys[entry.get(2)].set(Buffer.from(entry.get(1)).toString('hex'), key(entry.get(4)));
  }
});

await check('a key for permits signed the permit, and its days run', async () => {
  claims = await believed(token, keys.permit);
  assert.ok(claims.get(EXPIRES) > Date.now() / 1000);
  assert.deepEqual([...claims.get(FACE).values()], ['张*明', '0019', '浦江商贸', FACTS.number]);
});

await check('a flipped byte fails, in what is said as in the signature', async () => {
  for (const at of [token.length - 80, token.length - 1]) {
    await assert.rejects(believed(flipped(token, at), keys.permit));
  }
});

await check('its status list is signed and says how it stands', async () => {
  const index = claims.get(STATUS_INDEX);
  const place = index % 2 ** 20;
  const list = await fetched(`/v1/status-lists/work/${Math.floor(index / 2 ** 20)}`);
  const statuses = (await believed(list, keys.status)).get(STATUS_LIST);
  assert.equal(statuses.get('bits'), 2);
  const places = inflateSync(statuses.get('lst'));
  assert.equal((places[Math.floor(place / 4)] >> ((place % 4) * 2)) & 0b11, FACTS.status);
  await assert.rejects(believed(flipped(list, list.length - 1), keys.status));
});

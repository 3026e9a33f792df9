// Alipay's own Node SDK against its gateway: messages, pictures of pages, notifications.

import { app, checked, client } from './alipay_app.mjs';
import { assert, check, control, keep, shown } from './checks.mjs';
import { receive } from './receiver.mjs';

const official = client();
const reader = (await shown('users/zhao')).alipay_open_id;

function message(changes = {}) {
  const words = { keyword1: { value: '绿码' }, keyword2: { value: '今天' }, keyword3: { value: '每日' } };
  return {
    toOpenId: reader,
    userTemplateId: app.template,
    page: 'pages/code/index',
    data: JSON.stringify(words),
    ...changes,
  };
}

function send(bizContent, { needEncrypt = false, options = undefined } = {}) {
  const method = 'alipay.open.app.mini.templatemessage.send';
  return official.exec(method, { bizContent, needEncrypt }, options);
}

async function inbox() {
  return (await shown('users/zhao/alipay/messages')).messages;
}

await check('a message arrives', async () => {
  assert.equal((await send(message(), { options: checked })).code, '10000');
  const [read] = await inbox();
  assert.deepEqual([read.template, read.page], [app.template, 'pages/code/index']);
  assert.deepEqual(read.values, { keyword1: '绿码', keyword2: '今天', keyword3: '每日' });
});

await check('an encrypted message arrives, and its answer is encrypted', async () => {
  const answer = await send(message({ page: 'pages/sealed' }), { needEncrypt: true });
  assert.equal(answer.code, '10000');
  assert.equal((await inbox()).at(-1).page, 'pages/sealed');
});

await check('a form is good for one message', async () => {
  const { formId } = await control('users/zhao/alipay/form');
  const data = JSON.stringify({ keyword1: { value: '绿码' }, keyword2: { value: '今天' } });
  const answering = message({ userTemplateId: app.form_template, data, formId });
  assert.equal((await send(answering)).code, '10000');
  assert.equal((await send(answering)).code, '40004');
  assert.equal((await send({ ...answering, formId: undefined })).subCode, 'isv.missing-form-id');
});

await check('a message that nobody may or can get is refused', async () => {
  assert.equal((await send(message({ toOpenId: 'nobody' }))).code, '40004');
  assert.equal((await send(message({ userTemplateId: 'unknown' }))).code, '40004');
  assert.equal((await send(message({ data: '{"keyword1":{"value":"绿码"}}' }))).code, '40004');
  await control('users/zhao/alipay/refuse', { refused: true });
  assert.equal((await send(message())).code, '40004');
  assert.equal((await inbox()).length, 3);
});

await check('the picture of a page is drawn', async () => {
  const bizContent = { urlParam: 'pages/venue/venue', queryParam: 'v=1', describe: '南门' };
  const answer = await official.exec('alipay.open.app.qrcode.create', { bizContent }, checked);
  assert.equal(answer.code, '10000');
  const picture = await fetch(answer.qrCodeUrl);
  assert.equal(picture.status, 200);
  keep('page.png', Buffer.from(await picture.arrayBuffer()));
});

await check('notifications are signed in every style', async () => {
  const told = [];
  const { url, close } = await receive(({ body }) => {
    told.push(Object.fromEntries(new URLSearchParams(body)));
    return 'success';
  });
  for (const style of ['notify', 'message', 'life_account']) {
    const fields = { note: '带 + 和 % 的字' };
    await control('users/zhao/alipay/notification', { url, kind: 'fence', style, fields });
  }
  close();

  assert.equal(told.length, 3);
  for (const form of told) {
    assert.equal(form.app_id, app.app_id);
    assert.ok(official.checkNotifySignV2(form), `${JSON.stringify(form)} is not signed`);
    assert.ok(!official.checkNotifySignV2({ ...form, app_id: '2021999999999999' }));
  }
  assert.equal(told[0].notify_type, 'fence');
  assert.equal(told[0].note, '带 + 和 % 的字');
  assert.equal(told[1].msg_method, 'fence');
});

await check('a notification that was not taken comes again, the same', async () => {
  const told = [];
  const { url, close } = await receive(({ body }) => {
    told.push(body);
    return told.length === 1 ? 'busy' : 'success';
  });
  await control('users/zhao/alipay/notification', { url, kind: 'fence' });
  assert.equal(told.length, 1);
  await control('clock', { advance_ms: 5 * 60_000 });
  await control('alipay/notifications/flush');
  await control('clock', { advance_ms: 3_600_000 });
  await control('alipay/notifications/flush');
  close();
  assert.equal(told.length, 2);
  assert.equal(told[0], told[1]);
});

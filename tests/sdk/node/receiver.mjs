// A server that the mock calls.

import { createServer } from 'node:http';

/** Answer every call with the text that `answer` makes of it, until closed. */
export async function receive(answer) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const query = Object.fromEntries(new URL(request.url, 'http://receiver').searchParams);
    const body = Buffer.concat(chunks).toString();
    response.end(await answer({ method: request.method, headers: request.headers, query, body }));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${server.address().port}/told`, close: () => server.close() };
}

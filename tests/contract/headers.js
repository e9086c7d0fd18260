// What goes beside the bodies: HEAD, OPTIONS, Accept, media types, request ids, canonical paths.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {document, operations, pathOf} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';
import {secrets, writeTokens} from './lib/tokens.js';

const daemon = await startDaemon();
const send = client(daemon.admin);
const tcp = client(daemon.url);
const six = '/v1/services/udp:%5B2001:db8::1%5D:53';
await send('PUT', '/v1/services/tcp:192.0.2.1:80', {body: {realServers: {'10.0.0.5:80': {}}}});
await send('PUT', six, {body: {realServers: {'[2001:db8::5]:53': {}}}});

const is = (got, want, what) => (JSON.stringify(got) === JSON.stringify(want) ? []
  : [`${what ?? ''} ${JSON.stringify(got)}, not ${JSON.stringify(want)}`]);

for (const operation of Object.values(operations).filter((o) => o.method === 'GET')) {
  await test(`HEAD is GET without body: ${operation.path}`, async () => {
    const get = await send('GET', pathOf(operation));
    const head = await send('HEAD', pathOf(operation));
    const kept = (a) => [a.status, a.headers['content-type'], a.headers.etag, a.headers['cache-control'], a.headers['x-content-type-options']];
    return [...is(kept(head), kept(get)), ...is(head.text, ''), ...is(get.headers['cache-control'], 'no-store'),
      ...is(get.headers['x-content-type-options'], 'nosniff')];
  });
}

for (const [path, item] of Object.entries(document.paths)) {
  const at = pathOf({path});
  await test(`OPTIONS says what PATCH takes: ${path}`, async () => {
    const answer = await send('OPTIONS', at);
    return [...is(answer.status, 204), ...is(answer.headers['accept-patch'],
      item.patch ? 'application/merge-patch+json, application/json' : undefined)];
  });
}

for (const [accept, status, type] of [
  ['application/json', 200, 'application/json'], ['*/*', 200, 'application/json'], ['application/x-ndjson', 200, 'application/x-ndjson'],
  ['application/x-ndjson, application/json;q=0.5', 200, 'application/x-ndjson'], ['application/x-ndjson;q=0', 406], ['text/plain', 406],
]) {
  await test(`connections for ${accept}: ${type}`, async () => {
    const answer = await send('GET', '/v1/connections', {headers: {accept}});
    return [...is(answer.status, status), ...(type ? is(answer.headers['content-type'], type) : [])];
  });
}
await test('lines are for connections only, and have no pages', async () => [
  ...is((await send('GET', '/v1/services', {headers: {accept: 'application/x-ndjson'}})).status, 406),
  ...is((await send('GET', '/v1/connections?continue=1', {headers: {accept: 'application/x-ndjson'}})).status, 400),
  ...is((await send('GET', '/v1/connections?continue=1')).status, 410),
  ...is((await send('GET', '/v1/connections?client=192.0.2.1:x')).status, 400),
  ...is((await send('GET', '/v1/connections?service=tcp')).status, 400)]);
for (const [accept, status] of [
  [undefined, 200], ['*/*', 200], ['application/json', 200], ['application/*', 200], ['APPLICATION/JSON', 200],
  ['text/html, application/xhtml+xml, */*;q=0.8', 200], ['text/html;q=0.9, application/json;q=0.1', 200],
  ['application/problem+json, application/json', 200], ['text/html', 406], ['application/json;q=0', 406],
  ['text/*', 406], ['application/xml, text/plain;q=0.5', 406], ['', 200],
  ['application/json;q=0.0, */*', 406], ['*/*;q=0, application/json', 200], ['application/*;q=0, */*', 406],
]) {
  await test(`Accept: ${accept} is ${status}`, async () =>
    is((await send('GET', '/v1/services', {headers: accept === undefined ? {} : {accept}})).status, status));
}

for (const [type, method, status] of [
  ['application/json', 'PUT', 200], ['application/json; charset=utf-8', 'PUT', 200], ['Application/JSON;charset="UTF-8"', 'PUT', 200],
  ['application/json; charset=iso-8859-1', 'PUT', 415], ['application/jsonx', 'PUT', 415], ['text/json', 'PUT', 415],
  ['application/merge-patch+json', 'PUT', 415], ['application/merge-patch+json', 'PATCH', 200], ['application/json', 'PATCH', 200],
  ['multipart/form-data', 'PUT', 415], ['application/x-www-form-urlencoded', 'PUT', 415],
]) {
  await test(`Content-Type over TCP: ${method} with ${type} is ${status}`, async () =>
    is((await tcp(method, '/v1/services/tcp:192.0.2.1:80', {body: '{}', headers: {'content-type': type}})).status, status));
}

for (const [given, echoed] of [['deploy-4711', true], ['A.b_c-9', true], ['x'.repeat(64), true], ['x'.repeat(65), false], ['a b', false], ['ä', false], ['', false]]) {
  await test(`X-Request-Id ${given} is ${echoed ? 'echoed' : 'replaced'}`, async () => {
    const answer = await send('GET', '/v1/services/fwm:1', {headers: {'x-request-id': Buffer.from(given).toString('latin1')}});
    const id = answer.headers['x-request-id'];
    return [...is(id === given, echoed), ...is(/^[A-Za-z0-9._-]{1,64}$/.test(id), true), ...is(answer.json.requestId, id)];
  });
}

// [spelling, canonical path] of a GET; a canonical spelling has no Content-Location.
for (const [spelling, canonical] of [
  ['/v1/services/tcp:192.0.2.1:80', undefined], ['/v1/services/tcp%3A192.0.2.1%3A80', undefined],
  ['/v1/services/TCP:192.0.2.1:80', '/v1/services/tcp:192.0.2.1:80'], [six, undefined],
  ['/v1/services/udp:[2001:db8::1]:53', undefined], ['/v1/services/udp:2001:db8::1:53', six],
  ['/v1/services/udp:[2001:DB8:0:0::1]:53', six],
  ['/v1/services/udp:2001:db8::1:53/real-servers/2001:db8::5:53', `${six}/real-servers/%5B2001:db8::5%5D:53`],
  ['/v1/services/udp:2001:db8::1:53/real-servers/2001:db8::5:53/weight', `${six}/real-servers/%5B2001:db8::5%5D:53/weight`],
  ['/v1/services/TCP:192.0.2.1:80/real-servers', '/v1/services/tcp:192.0.2.1:80/real-servers'],
]) {
  await test(`Content-Location: ${spelling}`, async () => {
    const answer = await send('GET', spelling);
    return [...is(answer.status, 200), ...is(answer.headers['content-location'], canonical)];
  });
}

const directory = mkdtempSync(join(tmpdir(), 'lvsd-tokens.'));
const guarded = await startDaemon({args: ['--tokens', writeTokens(directory)]});
const asked = client(guarded.url);
for (const [method, path] of [['GET', '/v1'], ['HEAD', '/v1'], ['OPTIONS', '/v1'], ['PUT', '/v1/policy'], ['GET', '/livez'], ['GET', '/nothing']]) {
  await test(`401 has WWW-Authenticate and is not kept: ${method} ${path}`, async () => {
    const answer = await asked(method, path, {headers: {'x-request-id': 'who-is-it'}});
    return [...is(answer.status, 401), ...is(answer.headers['www-authenticate'], 'Bearer realm="lvsd"'), ...is(answer.headers['cache-control'], 'no-store'),
      ...is(answer.headers['x-request-id'], 'who-is-it'), ...is(answer.type, 'application/problem+json')];
  });
}
for (const authorization of [`Bearer ${secrets.reader}`, `bearer ${secrets.reader}`, `BEARER   ${secrets.reader}`]) {
  await test(`Authorization: ${authorization} is 200, without WWW-Authenticate`, async () => {
    const answer = await asked('GET', '/v1', {headers: {authorization}});
    return [...is(answer.status, 200), ...is(answer.headers['www-authenticate'], undefined)];
  });
}
await test('a unix socket ignores Authorization', async () =>
  is((await send('GET', '/v1', {headers: {authorization: 'Bearer wrong'}})).status, 200));
asked.close();
report('lvsd with tokens ended well', await guarded.stop() === 0 ? [] : guarded.log.slice(-1000));
rmSync(directory, {recursive: true});

await test('what was read with its counters can be written back and changes nothing', async () => {
  const read = await send('GET', '/v1/services/tcp:192.0.2.1:80?include=stats');
  const written = await send('PUT', '/v1/services/tcp:192.0.2.1:80', {body: read.json});
  return [...is(Boolean(read.json.stats), true, 'stats'), ...is(written.status, 200), ...is(written.headers.etag, read.headers.etag)];
});

await test('a policy is written with a time to wait', async () =>
  is((await send('PUT', '/v1/policy?wait=0', {body: {}})).status, 200));

await test('the document that is served is the one that is committed', async () =>
  is(JSON.stringify((await send('GET', '/openapi.json')).json), JSON.stringify(document)));

for (const c of [send, tcp])
  c.close();
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
finish();

// Every row of the table of status codes in the contract, each provoked by a request of its own, and
// two writers with one ETag. That no row is left out is the last test.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startDaemon, startUnprivileged} from './lib/daemon.js';
import {client} from './lib/http.js';
import {check, operations, pathOf} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';
import {secrets, writeTokens} from './lib/tokens.js';

const rows = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 503, 507];
const provoked = new Set();
const service = '/v1/services/tcp:192.0.2.1:80';
const realServer = `${service}/real-servers/10.0.0.5:80`;
const body = {realServers: {'10.0.0.5:80': {}, '10.0.0.6:80': {}}};
const daemon = await startDaemon();
const send = client(daemon.admin);
const reader = client(daemon.readonly);
const tcp = client(daemon.url);

// What is wrong with a refusal: status, code, shape, headers.
function refusal(answer, status, code, headers = {}) {
  const faults = [];
  provoked.add(answer.status);
  if (answer.status !== status || answer.json?.code !== code)
    faults.push(`${answer.status} ${answer.json?.code}, not ${status} ${code}: ${answer.text.slice(0, 300)}`);
  if (answer.type !== 'application/problem+json')
    faults.push(`content type ${answer.type}`);
  else
    faults.push(...check('Problem', answer.json));
  if (answer.json && answer.json.requestId !== answer.headers['x-request-id'])
    faults.push('requestId is not X-Request-Id');
  for (const [name, pattern] of Object.entries(headers)) {
    if (!pattern.test(answer.headers[name] ?? ''))
      faults.push(`${name} is ${answer.headers[name]}`);
  }
  return faults;
}

const refused = (name, status, code, call, headers) =>
  test(`${status} ${code}: ${name}`, async () => refusal(await call(), status, code, headers));

await send('PUT', service, {body});

await refused('a bad escape in the path', 400, 'invalid_url', () => send('GET', '/v1/%zz'));
await refused('an empty segment', 400, 'invalid_url', () => send('GET', '/v1//services'));
await test('the type of an error is where its page is', async () => {
  const problem = (await send('GET', '/v1//services')).json;
  const page = await reader('GET', problem.type);
  return page.status === 200 && page.json.code === 'invalid_url' && page.json.status === 400 ? []
    : [`${page.status}: ${page.text}`];
});
await refused('an unknown error code', 404, 'not_found', () => send('GET', '/v1/problems/no_such_code'));
await refused('a dot segment', 400, 'invalid_url', () => send('GET', '/v1/services/%2e%2e'));
await refused('an encoded NUL', 400, 'invalid_url', () => send('GET', `${service}%00`));
await refused('the absolute form with another host than the header', 400, 'bad_request', () => send('GET', 'http://elsewhere/v1'));
await test('the absolute form is the same resource', async () => {
  const answer = await send('GET', 'http://localhost/v1');
  return answer.status === 200 && answer.json.apiVersion === 'v1' ? [] : [`${answer.status} ${answer.text}`];
});
await refused('an encoded slash is no separator', 400, 'invalid_id', () => send('GET', '/v1/services/tcp%2F192.0.2.1:80'));
await refused('an id', 400, 'invalid_id', () => send('GET', '/v1/services/tcp:192.0.2.1:080'));
await refused('the id of a real server', 400, 'invalid_id', () => send('PUT', `${service}/real-servers/127.0.0.1:80`, {body: {}}));
await refused('an unknown parameter', 400, 'invalid_parameter', () => send('GET', '/v1/services?nope=1'));
await refused('a parameter given twice', 400, 'invalid_parameter', () => send('DELETE', `${service}?wait=1&wait=1`));
await refused('wait out of range', 400, 'invalid_parameter', () => send('PUT', `${service}?wait=61`, {body}));
await refused('a limit that is no number', 400, 'invalid_parameter', () => send('GET', '/v1/services?limit=x'));
await refused('a body with GET', 400, 'body_not_allowed', () => send('GET', '/v1', {body: {}}));
await refused('no body with PUT', 400, 'body_required', () => send('PUT', service));
await refused('broken JSON', 400, 'invalid_json', () => send('PUT', service, {body: '{"scheduler": '}));
await refused('a member that stands twice', 400, 'invalid_json', () => send('PUT', service, {body: '{"id":1,"id":2}'}));
await refused('a weak ETag', 400, 'invalid_header', () => send('PUT', service, {body, headers: {'if-match': 'W/"1"'}}));
await refused('no Host header', 400, 'bad_request', () => raw('GET /v1 HTTP/1.1\r\n\r\n'));
await refused('two lengths', 400, 'bad_request', () => raw('GET /v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'));
await refused('a reader writes', 403, 'forbidden', () => reader('PUT', service, {body}));
await refused('a reader calls an operator\'s operation', 403, 'forbidden', () => reader('POST', '/v1/reconcile'));
await refused('another Host on TCP', 403, 'host_not_allowed', () => tcp('GET', '/v1', {headers: {host: 'rebind.example'}}));
await refused('a web page on TCP', 403, 'origin_not_allowed', () => tcp('GET', '/v1', {headers: {origin: 'https://a.example'}}));
await refused('no such path', 404, 'not_found', () => send('GET', '/v2'));
await refused('no such service', 404, 'not_found', () => send('GET', '/v1/services/fwm:1'));
await refused('PATCH of nothing', 404, 'not_found', () => send('PATCH', '/v1/services/fwm:1', {body: {}}));
await refused('DELETE of nothing', 404, 'not_found', () => send('DELETE', '/v1/services/fwm:1'));
await refused('a real server of no service', 404, 'not_found', () => send('PUT', '/v1/services/fwm:1/real-servers/10.0.0.5:0', {body: {}}));
await test('404 is a 204 with ignoreAbsent', async () => {
  const {status} = await send('DELETE', '/v1/services/fwm:1?ignoreAbsent=true');
  return status === 204 ? [] : `status ${status}`;
});
for (const [path, item] of Object.entries(groupByPath())) {
  const allowed = [...item, ...(item.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
  await test(`405 method_not_allowed, and OPTIONS, with Allow: ${path}`, async () => {
    const at = path.replace('{service}', 'tcp:192.0.2.1:80').replace('{realServer}', '10.0.0.5:80');
    const method = ['POST', 'PUT', 'PATCH', 'DELETE'].find((m) => !item.includes(m));
    const options = await send('OPTIONS', at);
    const answer = await send(method, at);
    const sorted = (a) => (a.headers.allow ?? '').split(', ').sort().join(', ');
    return [...refusal(answer, 405, 'method_not_allowed'),
      ...(sorted(answer) === allowed && sorted(options) === allowed && options.status === 204 ? [] : [`Allow is ${answer.headers.allow}, not ${allowed}`])];
  });
}
await refused('text is asked for', 406, 'not_acceptable', () => send('GET', '/v1/services', {headers: {accept: 'text/html'}}));
await refused('JSON is excluded', 406, 'not_acceptable', () => send('PUT', service, {body, headers: {accept: 'application/json;q=0, text/html'}}));

await send('PUT', '/v1/services/tcp:192.0.2.7:80?owner=ci', {body});
await refused('another owner\'s service', 409, 'owner_conflict', () => send('DELETE', '/v1/services/tcp:192.0.2.7:80'));
await refused('another owner\'s real server', 409, 'owner_conflict', () => send('PUT', '/v1/services/tcp:192.0.2.7:80/real-servers/10.0.0.9:80?owner=ops', {body: {}}));
await refused('all services at once', 409, 'mass_delete_refused', () => send('PUT', '/v1/config?force=true', {body: {services: {}}}));
await refused('a page of a list that is no longer kept', 410, 'continue_expired', () => send('GET', '/v1/services?limit=1&continue=1-1'));
await refused('an old ETag', 412, 'precondition_failed', () => send('PUT', service, {body, headers: {'if-match': '"1"'}}));
await refused('it exists', 412, 'precondition_failed', () => send('PUT', service, {body, headers: {'if-none-match': '*'}}));
await refused('it does not exist', 412, 'precondition_failed', () => send('PUT', '/v1/services/fwm:1', {body: {}, headers: {'if-match': '*'}}));
await refused('an object of more than 1 MiB', 413, 'body_too_large', () => send('PUT', `${realServer}`, {body: ' '.repeat((1 << 20) + 1)}));
await refused('XML', 415, 'unsupported_media_type', () => send('PUT', service, {body: '<a/>', headers: {'content-type': 'application/xml'}}));
await refused('a JSON patch', 415, 'unsupported_media_type', () => send('PATCH', service, {body: '[]', headers: {'content-type': 'application/json-patch+json'}}), {'accept-patch': /merge-patch/});
await refused('a compressed body', 415, 'unsupported_media_type', () => send('PUT', service, {body, headers: {'content-encoding': 'gzip'}}));
await refused('no type on TCP', 415, 'unsupported_media_type', () => tcp('PUT', service, {body, headers: {'content-type': null}}));
await refused('an unknown expectation', 417, 'expectation_failed', () => send('GET', '/v1', {headers: {expect: 'miracles'}}));
await test('422 validation_failed: all faults in one answer, with pointers', async () => {
  const answer = await send('PUT', service, {body: {schedulr: 'rr', persistence: {timeoutSeconds: 0}, realServers: {'10.0.0.5:81': {}}}});
  const got = answer.json?.errors?.map((e) => `${e.pointer} ${e.code}`).sort().join('\n');
  const want = ['/persistence/timeoutSeconds out_of_range', '/realServers/10.0.0.5:81 port_mapping_unsupported', '/schedulr unknown_member'].join('\n');
  return [...refusal(answer, 422, 'validation_failed'), ...(got === want ? [] : [got])];
});
const plain = {'content-type': 'text/plain'};
const load = (body, query = '', headers = {}) => send('POST', `/v1/import/ipvsadm${query}`, {body, headers: {...plain, ...headers}});
await refused('no such mode of an import', 400, 'invalid_parameter', () => load('-A -f 7', '?mode=add'));
await refused('no such source of an export', 400, 'invalid_parameter', () => send('GET', '/v1/export/ipvsadm?source=disk'));
await refused('an empty text', 400, 'body_required', () => load(''));
await refused('a reader imports', 403, 'forbidden', () => reader('POST', '/v1/import/ipvsadm', {body: '-A -f 7', headers: plain}));
await refused('an export as JSON', 406, 'not_acceptable', () => send('GET', '/v1/export/ipvsadm', {headers: {accept: 'application/json'}}));
await refused('another owner\'s service in a text', 409, 'owner_conflict', () => load('-A -t 192.0.2.7:80 -s rr'));
await refused('a text that takes all away', 409, 'mass_delete_refused', () => load('#', '?mode=replace&force=true'));
await refused('an old ETag with a text', 412, 'precondition_failed', () => load('-A -f 7', '', {'if-match': '"1"'}));
await refused('an old ETag with an adoption', 412, 'precondition_failed', () => send('POST', '/v1/adopt', {body: {}, headers: {'if-match': '"1"'}}));
await refused('a text as JSON', 415, 'unsupported_media_type', () => load('-A -f 7', '', {'content-type': 'application/json'}));
await refused('JSON as a text', 415, 'unsupported_media_type', () => send('PUT', service, {body, headers: plain}));
await refused('a text in another charset', 415, 'unsupported_media_type', () => load('-A -f 7', '', {'content-type': 'text/plain; charset=utf-16'}));
await refused('an adoption of a list', 422, 'validation_failed', () => send('POST', '/v1/adopt', {body: []}));
await test('422 validation_failed: every bad line, by its number', async () => {
  const answer = await load('-A -f 7\n\n-a -f 7\nnonsense\n-a -f 7 -r 10.0.0.1 -y 5\n-C\n');
  const got = answer.json?.errors?.map((e) => `${e.pointer} ${e.code}`).join('\n');
  const want = ['/lines/3 option_required', '/lines/4 invalid_line', '/lines/5/lowerThreshold threshold_order', '/lines/6 unsupported_option'].join('\n');
  const after = await send('GET', '/v1/services/fwm:7');
  return [...refusal(answer, 422, 'validation_failed'), ...(got === want ? [] : [got]), ...(after.status === 404 ? [] : ['something was changed'])];
});
await test('422 validation_failed: what cannot be adopted, by its place', async () => {
  const answer = await send('POST', '/v1/adopt', {body: {services: ['fwm:99', 'x'], vips: ['192.0.2.99'], all: true}});
  const got = answer.json?.errors?.map((e) => `${e.pointer} ${e.code}`).sort().join('\n');
  const want = ['/all unknown_member', '/services/0 not_found', '/services/1 invalid_id', '/vips/0 not_found'].join('\n');
  return [...refusal(answer, 422, 'validation_failed'), ...(got === want ? [] : [got])];
});
await test('428 precondition_required: the policy wants If-Match', async () => {
  await send('PUT', '/v1/policy', {body: {requireIfMatch: true}});
  const answer = await send('PUT', service, {body});
  const back = await send('DELETE', '/v1/policy', {headers: {'if-match': '*'}});
  return [...refusal(answer, 428, 'precondition_required'), ...(back.status === 204 ? [] : [back.text])];
});
await refused('an unknown method', 501, 'method_not_implemented', () => raw('BREW /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n'));

const busy = await startUnprivileged();
const ask = client(busy.admin);
// A service is declared, so IPVS is needed.
await test('202: a write while IPVS cannot be talked to, at once', async () => {
  const started = Date.now();
  const answer = await ask('PUT', service, {body});
  return answer.status === 202 && Date.now() - started < 2000 ? [] : `${answer.status} after ${Date.now() - started} ms`;
});
await refused('the kernel cannot be read', 503, 'kernel_not_ready', () => ask('GET', '/v1/state'), {'retry-after': /^\d+$/});
for (const [method, path] of [['GET', '/v1/stats'], ['POST', '/v1/stats/zero']])
  await refused(`nor ${method} ${path}`, 503, 'kernel_not_ready', () => ask(method, path), {'retry-after': /^\d+$/});
await refused('nor compared', 503, 'kernel_not_ready', () => ask('GET', '/v1/diff'), {'retry-after': /^\d+$/});
await refused('nor exported', 503, 'kernel_not_ready', () => ask('GET', '/v1/export/ipvsadm?source=kernel'), {'retry-after': /^\d+$/});
await refused('nor adopted', 503, 'kernel_not_ready', () => ask('POST', '/v1/adopt', {body: {allServices: true}}), {'retry-after': /^\d+$/});
await refused('not ready', 503, 'kernel_not_ready', () => ask('GET', '/readyz'), {'retry-after': /^\d+$/});
await test('503 of /readyz?verbose: not ready, with its conditions and Retry-After', async () => {
  const answer = await ask('GET', '/readyz?verbose');
  return answer.status === 503 && answer.json.ready === false && /^\d+$/.test(answer.headers['retry-after'] ?? '') ? []
    : [`${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`];
});
ask.close();
report('lvsd without privileges ended well', await busy.stop() === 0 ? [] : busy.log.slice(-1000));

await strangers();
await crowd();
await storageFails();
await twoWriters();

report('every row of the table was provoked', rows.filter((status) => !provoked.has(status)));
for (const c of [send, reader, tcp])
  c.close();
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
finish();

function groupByPath() {
  const paths = {};
  for (const operation of Object.values(operations))
    (paths[operation.path] ??= []).push(operation.method);
  return paths;
}

// One answer, as it came.
function parse(text) {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [line, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]));
  const content = rest.join('\r\n\r\n');
  return {status: Number(line.split(' ')[1]), headers, type: headers['content-type'], text: content, json: content ? JSON.parse(content) : undefined};
}

// Bytes that no HTTP library would send.
function raw(text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(daemon.admin, () => socket.write(text));
    let got = '';
    const done = () => resolve(parse(got));
    socket.on('data', (data) => {
      got += data;
      const length = /content-length: (\d+)/i.exec(got)?.[1];
      if (length && got.length >= got.indexOf('\r\n\r\n') + 4 + Number(length)) {
        socket.destroy();
        done();
      }
    });
    socket.on('error', reject);
  });
}

// 401, and 403 by role: a daemon with tokens, asked over TCP.
async function strangers() {
  const directory = mkdtempSync(join(tmpdir(), 'lvsd-tokens.'));
  const guarded = await startDaemon({args: ['--tokens', writeTokens(directory)]});
  const ask = (token) => client(guarded.url, {token});
  const plain = ask();
  const bearer = {'www-authenticate': /^Bearer realm="lvsd"$/};
  await refused('no token', 401, 'unauthorized', () => plain('GET', '/v1'), bearer);
  await refused('another scheme', 401, 'unauthorized', () => plain('GET', '/v1', {headers: {authorization: 'Basic YTpi'}}), bearer);
  await refused('no token, at a path that does not exist', 401, 'unauthorized', () => plain('GET', '/v2'), bearer);
  await refused('no token, with a body', 401, 'unauthorized', () => plain('PUT', service, {body}), bearer);
  await refused('a token that nobody has', 401, 'invalid_token', () => plain('GET', '/v1', {headers: {authorization: 'Bearer x'}}),
    {'www-authenticate': /^Bearer realm="lvsd", error="invalid_token"$/});
  const roles = ['reader', 'operator', 'admin'];
  for (const [i, role] of roles.entries()) {
    const to = ask(secrets[role]);
    await test(`403 forbidden: the role ${role} gets just what x-role says`, async () => {
      const faults = [];
      for (const operation of Object.values(operations)) {
        const answer = await to(operation.method, pathOf(operation));
        const may = roles.indexOf(operation['x-role']) <= i;
        if (may ? [401, 403].includes(answer.status) : answer.json?.code !== 'forbidden')
          faults.push(`${operation.operationId}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
      return faults;
    });
    to.close();
  }
  plain.close();
  report('lvsd with tokens ended well', await guarded.stop() === 0 ? [] : guarded.log.slice(-1000));
  rmSync(directory, {recursive: true});
}

// 429: a hundred writes in one turn of the loop, which the daemon begins when it is let go on.
async function crowd() {
  const weight = JSON.stringify({weight: 7});
  const head = `Host: localhost\r\nContent-Length: ${weight.length}\r\nConnection: close\r\n\r\n`;
  const sockets = await Promise.all(Array.from({length: 100}, () => new Promise((resolve, reject) => {
    const socket = net.connect(daemon.admin);
    socket.on('error', reject);
    // Its answer shows that the connection is taken.
    socket.once('data', () => resolve(socket));
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
  })));
  daemon.child.kill('SIGSTOP');
  const answers = sockets.map((socket) => new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => { text += data; });
    socket.on('close', () => resolve(text));
    socket.write(`PUT ${realServer}/weight HTTP/1.1\r\n${head}${weight}`);
  }));
  daemon.child.kill('SIGCONT');
  const got = (await Promise.all(answers)).map(parse);
  const refusals = got.filter(({status}) => status === 429);
  await test('429 too_many_requests: the writes of one turn beyond 64', async () => [
    ...refusals.flatMap((answer) => refusal(answer, 429, 'too_many_requests', {'retry-after': /^\d+$/})),
    ...(refusals.length === 36 && got.filter(({status}) => status === 200).length === 64 ? []
      : [got.map(({status}) => status).join(' ')])]);
  await test('after a 429 there is room again', async () => {
    const answer = await send('PUT', `${realServer}/weight`, {body: {weight: 1}});
    return answer.status === 200 ? [] : answer.text;
  });
}

// 507: no file may grow beyond what the store has; then it may again.
async function storageFails() {
  const full = await startDaemon({state: '@DIR@/state', wrap: ['sh', '-c', 'trap "" XFSZ; exec "$@"', 'sh']});
  const to = client(full.admin);
  const labels = Object.fromEntries(Array.from({length: 15}, (_, i) => [`l${i}`, 'x'.repeat(250)]));
  const before = await to('PUT', service, {body});
  const limit = (size) => execFileSync('prlimit', ['--pid', String(full.child.pid), `--fsize=${size}:`]);
  limit(4096);
  await refused('the disk is full', 507, 'storage_failed', () => to('PUT', service, {body: {...body, metadata: {labels}}}));
  await test('507 changed nothing', async () => {
    const answer = await to('GET', service);
    const ready = await to('GET', '/v1');
    const durable = ready.json.status.conditions.find((c) => c.type === 'StateDurable');
    return answer.headers.etag === before.headers.etag && Object.keys(answer.json.metadata.labels).length === 0 && durable.status === 'False'
      ? [] : `${answer.headers.etag} ${before.headers.etag} ${JSON.stringify(durable)}`;
  });
  limit('unlimited');
  await test('after a 507 the next write is stored without a restart', async () => {
    const answer = await to('PUT', service, {body: {...body, metadata: {labels}}});
    return answer.status === 200 ? [] : answer.text;
  });
  to.close();
  report('lvsd that could not write ended well', await full.stop() === 0 ? [] : full.log.slice(-1000));
}

// All of them at once, each on a connection of its own.
async function twoWriters() {
  for (const [what, path, make] of [
    ['a service', service, (i) => ({...body, persistence: {timeoutSeconds: 100 + i}})],
    ['a real server', realServer, (i) => ({weight: 100 + i})],
    ['a weight', `${realServer}/weight`, (i) => 1000 + i],
    ['the configuration', '/v1/config', (i) => ({services: {'tcp:192.0.2.1:80': {...body, persistence: {timeoutSeconds: 10000 + i}}}})],
    ['the policy', '/v1/policy', (i) => ({resyncSeconds: 100 + i})],
  ]) {
    await test(`two writers of ${what} with one ETag: exactly one 412, fifty times`, async () => {
      const faults = [];
      await send('PUT', '/v1/policy', {body: {resyncSeconds: 99}});
      for (let round = 0; round < 100; round += 2) {
        const {headers: {etag}} = await send('GET', path);
        const both = await Promise.all([0, 1].map((i) =>
          send('PUT', `${path}?${path === '/v1/policy' ? '' : 'owner=ci'}`.replace(/\?$/, ''), {body: make(round + i), headers: {'if-match': etag}})));
        const statuses = both.map((a) => a.status).sort().join(' ');
        if (statuses !== '200 412')
          faults.push(`${statuses} ${both.map((a) => a.text.slice(0, 200)).join('\n')}`);
      }
      return faults;
    });
  }
}

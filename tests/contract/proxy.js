// The functional suite through a validating proxy (prism): it answers by itself what the document
// forbids, and breaks answers that the document does not describe. So the suite passes only when
// each of its requests and answers is as described. That the proxy looks at all is shown first.
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {root, startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {repeat} from './lib/program.js';
import {file} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function startProxy(document, upstream) {
  const port = await freePort();
  const prism = fileURL('node_modules/.bin/prism');
  const child = spawn(prism, ['proxy', document, `http://${upstream}`, '--errors', '--host', '127.0.0.1', '--port', String(port)],
    {stdio: ['ignore', 'pipe', 'pipe']});
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => { log += data; });
  for (let waited = 0; !/is listening/.test(log); waited += 50) {
    if (waited > 30000)
      throw new Error(`prism does not start: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {at: `127.0.0.1:${port}`, log: () => log, stop: async () => { child.kill(); await ended; }};
}

const fileURL = (path) => join(root, 'tests/contract', path);
const directory = mkdtempSync(join(tmpdir(), 'lvsd-proxy.'));
const daemon = await startDaemon();
// Prism takes members that are readOnly out of the schemas of requests and then refuses them as
// unknown; the contract lets clients send them back. So it gets the document without that mark.
const unmarked = JSON.parse(readFileSync(file, 'utf8'), (key, value) => (key === 'readOnly' ? undefined : value));
writeFileSync(join(directory, 'openapi.json'), JSON.stringify(unmarked));
const proxy = await startProxy(join(directory, 'openapi.json'), daemon.url);
const send = client(proxy.at);
const service = '/v1/services/tcp:192.0.2.1:80';

await test('proxy: a body that the document forbids does not get through', async () => {
  const answer = await send('PUT', service, {body: {scheduler: 5}});
  return answer.status === 422 && /prism|stoplight/.test(answer.text) ? [] : [`${answer.status} ${answer.text}`];
});
await test('proxy: nor does a parameter', async () => {
  const answer = await send('PUT', `${service}?wait=61`, {body: {}});
  return answer.status === 422 && /prism|stoplight/.test(answer.text) ? [] : [`${answer.status} ${answer.text}`];
});
await repeat('proxy', join(root, 'tests/clients/curl/scenario'), [], {LVSD_URL: `http://${proxy.at}`});
await test('proxy: read-only members may be sent back', async () => {
  await send('PUT', service, {body: {realServers: {'10.0.0.5:80': {}}}});
  const {json} = await send('GET', service);
  const answer = await send('PUT', service, {body: {...json, scheduler: 'rr'}});
  return answer.status === 200 && answer.json.scheduler === 'rr' ? [] : [`${answer.status} ${answer.text}`];
});
send.close();
await proxy.stop();

// A document that forbids what the daemon answers: the proxy has to say so. One path of it, since a proxy takes seconds
// to read the whole.
const strange = structuredClone({...unmarked, paths: {'/version': unmarked.paths['/version']}});
strange.components.schemas.Version.properties.version = {type: 'integer'};
writeFileSync(join(directory, 'strange.json'), JSON.stringify(strange));
const other = await startProxy(join(directory, 'strange.json'), daemon.url);
const ask = client(other.at);
await test('proxy: an answer that the document does not describe is found', async () => {
  const answer = await ask('GET', '/version');
  return answer.status === 500 && /stoplight|prism/.test(answer.text) ? [] : [`${answer.status} ${answer.text}`];
});
ask.close();
await other.stop();
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
rmSync(directory, {recursive: true});
finish();

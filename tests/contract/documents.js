// Documents of many services, which are read in slices: meanwhile reads are answered, other writes wait
// and are not lost, and a document that goes wrong late has changed nothing.
import {startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {checkAnswer, operations} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';

const MANY = 10000;
const daemon = await startDaemon();
const send = client(daemon.admin);
const other = client(daemon.admin);

const same = (what, a, b) => (JSON.stringify(a) === JSON.stringify(b) ? [] : [`${what}: ${JSON.stringify(a)}, not ${JSON.stringify(b)}`]);
const address = (i) => `tcp:10.1.${i >> 8}.${i & 255}:80`;
const realServers = Object.fromEntries(Array.from({length: 5}, (_, i) => [`10.9.0.${i + 1}:80`, {weight: i}]));
const document = (n, label) => Object.fromEntries(Array.from({length: n}, (_, i) => [address(i + 1), {realServers, metadata: {labels: {round: label}}}]));
const put = (services, query = '') => send('PUT', `/v1/config?force=true&allowMassDelete=true&wait=60${query}`, {body: {services}});
const revision = async () => (await other('GET', '/v1/services?limit=1')).json.revision;

// Sends requests one after the other while a document is under way; what they were answered. The
// first one goes out when the daemon has the document.
async function meanwhile(writing, request) {
  const answers = [];
  let under = true;
  const done = writing.then((answer) => { under = false; return answer; });
  while (under && answers.length < 100000)
    answers.push(await request(answers.length));
  return {answers, answer: await done};
}

await test('documents: reads are answered while one is read', async () => {
  const before = await revision();
  const {answers, answer} = await meanwhile(put(document(MANY, 'a')), () => other('GET', '/v1/services?limit=1'));
  const old = answers.filter((a) => a.json.revision === before).length;
  console.log(`# ${answers.length} lists, ${old} of them of the state before`);
  return [...checkAnswer(operations.putConfig, answer), ...same('status', answer.status, 200),
    ...same('others', [...new Set(answers.map((a) => a.status))], [200]),
    ...(old < 5 ? [`only ${old} lists of the state before`] : [])];
});

await test('documents: writes wait for one that is read, and are not lost', async () => {
  const services = document(MANY, 'b');
  const {answers, answer} = await meanwhile(put(services), (i) => other('PUT', `/v1/services/fwm:${i + 1}?wait=0`, {body: {}}));
  const now = (await send('GET', '/v1/config')).json.services;
  const marks = Object.keys(now).filter((id) => id.startsWith('fwm:'));
  // One that was there before the document was read is gone with it; what was written later stays.
  const last = answers.at(-1);
  return [...same('status', answer.status, 200), ...same('services', Object.keys(now).length - marks.length, MANY),
    ...same('others', [...new Set(answers.map((a) => (a.status < 300 ? 'ok' : a.status)))], ['ok']),
    ...(last.json.metadata.revision > answer.json.revision && !marks.includes(last.json.id) ? [`${last.json.id} is lost`] : []),
    ...(marks.some((id) => Number(id.slice(4)) > answers.length) ? ['marks that nobody wrote'] : [])];
});

await test('documents: a plan is read in slices too', async () => {
  const before = await revision();
  const {answers, answer} = await meanwhile(send('POST', '/v1/plan', {body: {services: document(MANY, 'b')}}), () => other('GET', '/v1/services?limit=1'));
  return [...same('status', answer.status, 200), ...same('others', [...new Set(answers.map((a) => a.status))], [200]),
    ...same('revision', await revision(), before)];
});

await test('documents: a fault at the end changes nothing and is named', async () => {
  const before = await revision();
  const services = document(MANY, 'c');
  services[address(MANY)] = {scheduler: 'none-such'};
  services[address(3)] = {onePacket: 7};
  const answer = await put(services);
  return [...same('status', answer.status, 422), ...same('revision', await revision(), before),
    ...same('errors', answer.json.errors?.map((e) => e.pointer).sort(),
      [`/services/${address(3)}/onePacket`, `/services/${address(MANY)}/scheduler`].sort())];
});

await test('documents: broken JSON at the end changes nothing', async () => {
  const before = await revision();
  const answer = await send('PUT', '/v1/config?force=true', {body: JSON.stringify({services: document(MANY, 'd')}).slice(0, -1)});
  return [...same('status', answer.status, 400), ...same('code', answer.json.code, 'invalid_json'), ...same('revision', await revision(), before)];
});

await test('documents: of two with one ETag exactly one is taken', async () => {
  const etag = (await send('GET', '/v1/config')).headers.etag;
  const both = await Promise.all(['e', 'f'].map((label) => send('PUT', '/v1/config?force=true&wait=0', {
    body: {services: document(MANY, label)}, headers: {'if-match': etag}})));
  return same('statuses', both.map((a) => (a.status < 300 ? 'ok' : a.status)).sort(), [412, 'ok']);
});

const text = {'content-type': 'text/plain'};
const lines = (n, weight) => Array.from({length: n}, (_, i) => [`-A -t ${address(i + 1).slice(4)} -s wlc`,
  ...Object.keys(realServers).map((id) => `-a -t ${address(i + 1).slice(4)} -r ${id} -g -w ${weight}`)]).flat().map((line) => `${line}\n`);
// On a connection of its own: one that was idle while a document was read may have been closed.
async function load(body) {
  const fresh = client(daemon.admin);
  const answer = await fresh('POST', '/v1/import/ipvsadm?mode=replace&force=true&allowMassDelete=true&wait=60', {body, headers: text});
  fresh.close();
  return answer;
}

await test('documents: a text of ipvsadm is read in slices and comes out again', async () => {
  const before = await revision();
  const body = lines(MANY, 7).join('');
  const {answers, answer} = await meanwhile(load(body), () => other('GET', '/v1/services?limit=1'));
  const old = answers.filter((a) => a.json.revision === before).length;
  const faults = [...checkAnswer(operations.importIpvsadm, answer), ...same('status', answer.status, 200),
    ...(old < 5 ? [`only ${old} lists of the state before`] : [])];
  for (const source of ['desired', 'kernel']) {
    const exported = await other('GET', `/v1/export/ipvsadm?source=${source}`);
    faults.push(...same(`lines of ${source}`, exported.text.trimStart() === body, true));
  }
  const after = await revision();
  await load(body);
  return [...faults, ...same('revision of a repetition', await revision(), after)];
});

await test('documents: a fault in a late line of a text changes nothing and is named', async () => {
  const before = await revision();
  const body = lines(MANY, 8);
  body[2] = 'nonsense\n';
  body[body.length - 1] = body[body.length - 2];
  const answer = await load(body.join(''));
  return [...same('status', answer.status, 422), ...same('revision', await revision(), before),
    ...same('errors', answer.json.errors?.map((e) => `${e.pointer} ${e.code}`), ['/lines/3 invalid_line', `/lines/${body.length} duplicate_id`])];
});

await test('documents: a client that leaves takes its document along', async () => {
  const gone = client(daemon.admin);
  const before = await revision();
  const lost = gone('PUT', '/v1/config?force=true&dryRun=true', {body: {services: document(MANY, 'g')}}).then(() => 'answered', () => 'cut');
  await new Promise((resolve) => setTimeout(resolve, 60));
  gone.close();
  await lost;
  const answer = await send('PUT', '/v1/services/fwm:77', {body: {}});
  return [...same('status', answer.status < 300, true), ...(await revision() <= before ? ['nothing was written'] : [])];
});

await test('documents: a daemon that is told to stop ends at once', async () => {
  const lost = put(document(MANY, 'h')).then((a) => a.status, () => 'cut');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const status = await daemon.stop();
  const got = await lost;
  return [...same('exit', status, 0), ...([200, 202, 503, 'cut'].includes(got) ? [] : [`answered ${got}`])];
});
send.close();
other.close();
report('documents: no fault in the log', /ERROR|Sanitizer/.test(daemon.log) ? [daemon.log.slice(-1000)] : []);
finish();

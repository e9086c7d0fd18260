// Sends every example of a request in the OpenAPI document to the daemon, and compares every example
// of an answer with what the daemon says. `--record` writes the answers into openapi/prose.json.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root, startDaemon, startUnprivileged} from './lib/daemon.js';
import {client} from './lib/http.js';
import {checkAnswer, operations, pathOf} from './lib/spec.js';
import {finish, report} from './lib/tap.js';

const start = operations.putConfig.requestBody.content['application/json'].examples.two.value;
const fresh = {service: 'tcp:192.0.2.2:80', realServer: '10.0.0.9:80'};

// One row for each example: operation, what is sent, the answer's status and example. `busy` goes to
// a daemon that cannot talk to IPVS.
const calls = [
  ['getIndex', {}, 200, 'index'],
  ['getConfig', {}, 200, 'two'],
  ['putConfig', {body: 'two'}, 200, 'done'],
  ['putConfig', {body: 'two', busy: true}, 202, 'pending'],
  ['patchConfig', {body: 'mixed'}, 200, 'done'],
  ['patchConfig', {body: 'mixed', busy: true}, 202, 'pending'],
  ['listServices', {}, 200, 'all'],
  ['getService', {}, 200, 'service'],
  ['putService', {body: 'small'}, 200, 'replaced'],
  ['putService', {body: 'full', ids: fresh}, 201, 'created'],
  ['putService', {body: 'full', ids: fresh, busy: true}, 202, 'pending'],
  ['patchService', {body: 'swap'}, 200, 'changed'],
  ['patchService', {body: 'swap', busy: true}, 202, 'pending'],
  ['deleteService', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteService', {busy: true}, 202, 'pending'],
  ['deleteService', {}, 204],
  ['listRealServers', {}, 200, 'two'],
  ['getRealServer', {}, 200, 'one'],
  ['putRealServer', {body: 'limited'}, 200, 'replaced'],
  ['putRealServer', {body: 'default', ids: {realServer: fresh.realServer}}, 201, 'created'],
  ['putRealServer', {body: 'default', ids: {realServer: fresh.realServer}, busy: true}, 202, 'pending'],
  ['patchRealServer', {body: 'weight'}, 200, 'changed'],
  ['patchRealServer', {body: 'weight', busy: true}, 202, 'pending'],
  ['deleteRealServer', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteRealServer', {busy: true}, 202, 'pending'],
  ['deleteRealServer', {}, 204],
  ['getWeight', {}, 200, 'weight'],
  ['putWeight', {body: 'object'}, 200, 'done'],
  ['putWeight', {body: 'bare'}, 200],
  ['putWeight', {body: 'object', busy: true}, 202, 'pending'],
  ['getState', {}, 200, 'two'],
  ['getDiff', {}, 200, 'none'],
  ['plan', {body: 'one'}, 200, 'plan'],
  ['getCapabilities', {}, 200, 'fake'],
  ['getPolicy', {before: null}, 200, 'policy'],
  ['putPolicy', {body: 'careful'}, 200, 'done'],
  ['patchPolicy', {body: 'resync'}, 200, 'changed'],
  ['deletePolicy', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deletePolicy', {}, 204],
  ['reconcile', {}, 200, 'done'],
  ['reconcile', {busy: true}, 202, 'pending'],
  ['reconcile', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['listProblems', {}, 200, 'all'],
  ['getProblem', {}, 200, 'page'],
  ['getOpenApi', {}, 200, 'short'],
  ['getVersion', {}, 200, 'version'],
  ['getLivez', {}, 200, 'ok'],
  ['getReadyz', {}, 200, 'ok'],
  ['getReadyz', {query: 'verbose=true'}, 200, 'verbose'],
  ['getReadyz', {query: 'verbose=true', busy: true}, 503, 'verbose'],
];

// What differs from run to run, and what stands for it in the document.
const when = '2026-11-20T06:04:21.331Z';
const volatile = {
  revision: 1795154660812, generation: 2, observedGeneration: 2, createdAt: when, updatedAt: when,
  lastTransitionTime: when, lastPassTime: when, lastPassMilliseconds: 1, kernelWrites: 6, passes: 1,
  driftFound: 0, driftRepaired: 0, refusals: 0, longestTurnMilliseconds: 2, longestCommitMilliseconds: 1,
  foreignServices: 0, release: '6.1.0-28-amd64',
  version: '0.1.0',
};

function masked(value, key) {
  if (key in volatile && value !== null && volatile[key] !== undefined)
    return volatile[key];
  if (Array.isArray(value))
    return value.map((item) => masked(item));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, masked(v, k)]));
  return value;
}

function example(operation, answer) {
  if (answer.json === undefined)
    return answer.text;
  if (operation.operationId === 'getOpenApi')
    return {openapi: answer.json.openapi, info: {title: answer.json.info.title}, paths: {}};
  if (operation.operationId === 'listProblems')
    return {items: answer.json.items.slice(0, 2)};
  return masked(answer.json);
}

// As text, messages left out: they depend on the machine where IPVS is missing.
const comparable = (value) => JSON.stringify(value, (key, v) => (key === 'message' ? '' : v), 1);

async function play(send, [id, call, status, name]) {
  const operation = operations[id];
  if (call.before !== null) {
    await send('PUT', '/v1/policy', {body: {}});
    await send('PUT', '/v1/config?wait=0&force=true&allowMassDelete=true', {body: start});
  }
  const media = operation.requestBody?.content;
  const type = media && Object.keys(media)[0];
  const body = call.body && media[type].examples[call.body].value;
  const answer = await send(operation.method, pathOf(operation, call.ids) + (call.query ? `?${call.query}` : ''),
    body === undefined ? {} : {body: JSON.stringify(body), headers: {'content-type': type}});
  const faults = checkAnswer(operation, answer);
  if (answer.status !== status)
    faults.push(`status ${answer.status}, not ${status}: ${answer.text}`);
  return {answer, faults, operation, name, status};
}

function compare({answer, operation, name, status, faults}) {
  const wanted = operation.responses[status]?.content?.[answer.type]?.examples?.[name]?.value;
  const got = example(operation, answer);
  if (name && comparable(wanted) !== comparable(got))
    faults.push(`the document's example is ${comparable(wanted)}`, `the daemon answers ${comparable(got)}`);
  return faults;
}

// Every example of the document is in the table above.
function unplayed() {
  const played = new Set(calls.flatMap(([id, call, status, name]) => [`${id} ${call.body}`, `${id} ${status} ${name}`]));
  const missing = [];
  for (const [id, operation] of Object.entries(operations)) {
    for (const media of Object.values(operation.requestBody?.content ?? {}))
      missing.push(...Object.keys(media.examples).map((name) => `${id} ${name}`));
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const media of Object.values(response.content ?? {}))
        missing.push(...Object.keys(media.examples ?? {}).map((name) => `${id} ${status} ${name}`));
    }
  }
  return missing.filter((key) => !played.has(key));
}

const daemons = {false: await startDaemon(), true: await startUnprivileged()};
const send = {false: client(daemons.false.admin), true: client(daemons.true.admin)};
const file = join(root, 'openapi/prose.json');
const prose = JSON.parse(readFileSync(file, 'utf8'));
for (const call of calls) {
  const result = await play(send[Boolean(call[1].busy)], call);
  const slot = prose.operations[call[0]].responses[call[2]]?.content?.[result.answer.type]?.examples?.[call[3]];
  if (process.argv.includes('--record') && slot)
    slot.value = example(result.operation, result.answer);
  report(`example: ${call[0]} ${call[1].body ?? ''} ${call[2]} ${call[3] ?? ''}`.replace(/ +/g, ' '),
    process.argv.includes('--record') ? [] : compare(result));
}
if (process.argv.includes('--record'))
  writeFileSync(file, `${JSON.stringify(prose, null, 2)}\n`);
report('every example was sent or compared', unplayed());
for (const busy of [false, true]) {
  send[busy].close();
  await daemons[busy].stop();
}
finish();

// Sends every example of a request in the OpenAPI document to the daemon, and compares every example
// of an answer with what the daemon says. `--record` writes the answers into openapi/prose.json.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root, startDaemon, startUnprivileged} from './lib/daemon.js';
import {client} from './lib/http.js';
import {checkAnswer, operations, pathOf} from './lib/spec.js';
import {finish, report} from './lib/tap.js';

const services = operations.putConfig.requestBody.content['application/json'].examples.two.value;
// The host in memory has lo and eth0; only there.
const host = {
  vips: {'192.0.2.10': {interface: 'eth0'}},
  roles: {realServer: {vips: {'192.0.2.20': {}}}, director: {ipv4Forwarding: true}},
  sysctls: {'net.ipv4.ip_forward': {value: 1}},
  sync: {master: {interface: 'eth0', syncId: 1}, backup: {interface: 'eth0'}},
};
const noHost = {vips: {}, roles: {}, sysctls: {}, sync: {}};
const fresh = {
  service: 'tcp:192.0.2.2:80', realServer: '10.0.0.9:80', vip: '2001:db8::10', sysctl: 'net.ipv4.conf.eth0.arp_filter',
};
const missing = {sysctl: 'net.ipv4.conf.vlan100.arp_ignore'};

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
  ['getServiceStats', {}, 200, 'idle'],
  ['zeroServiceStats', {}, 200, 'zeroed'],
  ['getStats', {}, 200, 'idle'],
  ['zeroStats', {}, 200, 'two'],
  ['getMetrics', {}, 200, 'text'],
  ['getMetrics', {headers: {accept: 'application/openmetrics-text'}}, 200, 'open'],
  ['listVips', {}, 200, 'all'],
  ['getVip', {}, 200, 'one'],
  ['putVip', {body: 'plain'}, 200, 'replaced'],
  ['putVip', {body: 'full', ids: {vip: '192.0.2.11'}}, 201, 'created'],
  ['putVip', {body: 'later'}, 202, 'pending'],
  ['patchVip', {body: 'move'}, 200, 'changed'],
  ['patchVip', {body: 'later'}, 202, 'pending'],
  ['deleteVip', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteVip', {}, 204],
  ['announceVip', {}, 200, 'announced'],
  ['getRealServerRole', {}, 200, 'one'],
  ['putRealServerRole', {body: 'dr'}, 200, 'replaced'],
  ['putRealServerRole', {body: 'dr', without: true}, 201, 'created'],
  ['putRealServerRole', {body: 'later'}, 202, 'pending'],
  ['patchRealServerRole', {body: 'vip'}, 200, 'changed'],
  ['patchRealServerRole', {body: 'later'}, 202, 'pending'],
  ['deleteRealServerRole', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteRealServerRole', {}, 204],
  ['getDirectorRole', {}, 200, 'one'],
  ['putDirectorRole', {body: 'nat'}, 200, 'replaced'],
  ['putDirectorRole', {body: 'vs', without: true}, 201, 'created'],
  ['putDirectorRole', {body: 'newer'}, 202, 'pending'],
  ['patchDirectorRole', {body: 'six'}, 200, 'changed'],
  ['patchDirectorRole', {body: 'newer'}, 202, 'pending'],
  ['deleteDirectorRole', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteDirectorRole', {}, 204],
  ['listSysctls', {}, 200, 'all'],
  ['getSysctl', {}, 200, 'one'],
  ['putSysctl', {body: 'number'}, 200, 'replaced'],
  ['putSysctl', {body: 'text', ids: fresh}, 201, 'created'],
  ['putSysctl', {body: 'number', ids: missing}, 202, 'pending'],
  ['patchSysctl', {body: 'off', ids: fresh, create: {value: 1}}, 200, 'changed'],
  ['patchSysctl', {body: 'off', ids: missing, create: {value: 1}}, 202, 'pending'],
  ['deleteSysctl', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteSysctl', {}, 204],
  ['getSyncMaster', {}, 200, 'one'],
  ['putSyncMaster', {body: 'full'}, 200, 'replaced'],
  ['putSyncMaster', {body: 'plain', without: true}, 201, 'created'],
  ['putSyncMaster', {body: 'later'}, 202, 'pending'],
  ['patchSyncMaster', {body: 'id'}, 200, 'changed'],
  ['patchSyncMaster', {body: 'later'}, 202, 'pending'],
  ['deleteSyncMaster', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteSyncMaster', {}, 204],
  ['getSyncBackup', {}, 200, 'one'],
  ['putSyncBackup', {body: 'full'}, 200, 'replaced'],
  ['putSyncBackup', {body: 'plain', without: true}, 201, 'created'],
  ['putSyncBackup', {body: 'later'}, 202, 'pending'],
  ['patchSyncBackup', {body: 'id'}, 200, 'changed'],
  ['patchSyncBackup', {body: 'later'}, 202, 'pending'],
  ['deleteSyncBackup', {query: 'dryRun=true'}, 200, 'dryRun'],
  ['deleteSyncBackup', {}, 204],
  ['listConnections', {}, 200, 'none'],
  ['getState', {}, 200, 'two'],
  ['getDiff', {}, 200, 'none'],
  ['plan', {body: 'one'}, 200, 'plan'],
  ['adopt', {body: 'named'}, 200, 'done'],
  ['adopt', {body: 'all'}, 200, 'done'],
  ['adopt', {body: 'named', busy: true}, 202, 'pending'],
  ['exportIpvsadm', {}, 200, 'two'],
  ['importIpvsadm', {body: 'two'}, 200, 'done'],
  ['importIpvsadm', {body: 'two', busy: true}, 202, 'pending'],
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

// The host in memory does all at once, so that nothing is left when an answer is due.
const unreachable = ['deleteVip', 'deleteRealServerRole', 'deleteDirectorRole', 'deleteSysctl',
  'deleteSyncMaster', 'deleteSyncBackup']
  .map((id) => `${id} 202 pending`)
  .concat('listConnections 200 one'); // nothing passes through the kernel in memory

// What differs from run to run, and what stands for it in the document.
const when = '2026-11-20T06:04:21.331Z';
const volatile = {
  revision: 1795154660812, generation: 2, observedGeneration: 2, createdAt: when, updatedAt: when,
  lastTransitionTime: when, lastPassTime: when, lastPassMilliseconds: 1, kernelWrites: 6, passes: 1,
  driftFound: 0, driftRepaired: 0, refusals: 0, longestTurnMilliseconds: 2, longestCommitMilliseconds: 1, longestSchedulerChangeMilliseconds: 0,
  foreignServices: 0, release: '6.1.0-28-amd64',
  version: '0.1.0', announcements: 1, left: 2,
};

// Warnings of the daemon without IPVS are about the machine that the test runs on.
function masked(value, busy, key) {
  if (busy && key === 'warnings')
    return [];
  if (key in volatile && value !== null && volatile[key] !== undefined)
    return volatile[key];
  if (Array.isArray(value))
    return value.map((item) => masked(item, busy));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, masked(v, busy, k)]));
  return value;
}

function example(operation, answer, busy) {
  if (operation.operationId === 'getMetrics') {
    const lines = answer.text.split('\n');
    return [...lines.slice(0, 3), ...lines.filter((line) => line === '# EOF'), ''].join('\n');
  }
  if (answer.json === undefined)
    return answer.text;
  if (operation.operationId === 'getOpenApi')
    return {openapi: answer.json.openapi, info: {title: answer.json.info.title}, paths: {}};
  if (operation.operationId === 'listProblems')
    return {items: answer.json.items.slice(0, 2)};
  return masked(answer.json, busy);
}

// As text, messages left out: they depend on the machine where IPVS is missing.
const comparable = (value) => JSON.stringify(value, (key, v) => (key === 'message' ? '' : v), 1);

async function play(send, [id, call, status, name]) {
  const operation = operations[id];
  if (call.before !== null) {
    await send('PUT', '/v1/policy', {body: {}});
    const start = {...services, ...call.busy || call.without ? noHost : host};
    await send('PUT', '/v1/config?wait=0&force=true', {body: noHost}); // a map that is not given stays
    await send('PUT', `/v1/config?wait=${call.busy ? 0 : 5}&force=true&allowMassDelete=true`, {body: start});
    if (call.create)
      await send('PUT', pathOf(operation, call.ids), {body: call.create});
  }
  const media = operation.requestBody?.content;
  const type = media && Object.keys(media)[0];
  const body = call.body && media[type].examples[call.body].value;
  const answer = await send(operation.method, pathOf(operation, call.ids) + (call.query ? `?${call.query}` : ''),
    body === undefined ? {headers: call.headers ?? {}} : {body: type === 'text/plain' ? body : JSON.stringify(body), headers: {'content-type': type}});
  const faults = checkAnswer(operation, answer);
  if (answer.status !== status)
    faults.push(`status ${answer.status}, not ${status}: ${answer.text}`);
  return {answer, faults, operation, name, status, busy: Boolean(call.busy)};
}

function compare({answer, operation, name, status, faults, busy}) {
  const wanted = operation.responses[status]?.content?.[answer.type]?.examples?.[name]?.value;
  const got = example(operation, answer, busy);
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
  return missing.filter((key) => !played.has(key) && !unreachable.includes(key));
}

const daemons = {false: await startDaemon(), true: await startUnprivileged()};
const send = {false: client(daemons.false.admin), true: client(daemons.true.admin)};
const file = join(root, 'openapi/prose.json');
const prose = JSON.parse(readFileSync(file, 'utf8'));
for (const call of calls) {
  const result = await play(send[Boolean(call[1].busy)], call);
  const slot = prose.operations[call[0]].responses[call[2]]?.content?.[result.answer.type]?.examples?.[call[3]];
  if (process.argv.includes('--record') && slot)
    slot.value = example(result.operation, result.answer, result.busy);
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

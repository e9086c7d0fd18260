// The fuzzer: random sequences of requests on a small pool of objects, each answer compared with the
// model and with the OpenAPI document. FUZZ_SEED repeats a run, FUZZ_REQUESTS says how many at least,
// FUZZ_SIMPLIFY=no that a fault is told as it was found.
import {setTimeout} from 'node:timers/promises';
import fc from 'fast-check';
import {startDaemon} from '../lib/daemon.js';
import {client} from '../lib/http.js';
import {check, checkAnswer, operations} from '../lib/spec.js';
import {finish, report} from '../lib/tap.js';
import {operation} from './arbitraries.js';
import {badIds, hostView, objects, waits} from './host.js';
import {dests, services} from './keys.js';
import {Model} from './model.js';

const names = {
  service: {GET: 'getService', PUT: 'putService', PATCH: 'patchService', DELETE: 'deleteService'},
  realServer: {GET: 'getRealServer', PUT: 'putRealServer', PATCH: 'patchRealServer', DELETE: 'deleteRealServer'},
  weight: {GET: 'getWeight', PUT: 'putWeight'},
  config: {GET: 'getConfig', PUT: 'putConfig', PATCH: 'patchConfig'},
  ...Object.fromEntries(objects.map(({kind, type}) => [kind, Object.fromEntries(['GET', 'PUT', 'PATCH', 'DELETE'].map((m) => [m, `${m.toLowerCase()}${type}`]))])),
  policyWrite: {GET: 'getPolicy', PUT: 'putPolicy', PATCH: 'patchPolicy', DELETE: 'deletePolicy'},
};
const schemas = {service: 'ServiceInput', realServer: 'RealServerInput', weight: 'WeightInput', config: 'ConfigInput', policyWrite: 'PolicyInput',
  vip: 'VipInput', sysctl: 'SysctlInput', serverRole: 'RealServerRoleInput', director: 'DirectorRoleInput'};
const takes = (op, name) => op.operation.parameters.some((p) => p.$ref.endsWith(`/${name}`));

// A generated request as the model and the client want it.
function prepare(generated, model) {
  const {kind, method, target: t, weight, params, precondition, object} = generated;
  const label = kind === 'host' ? object.kind : weight ? 'weight' : kind;
  const op = {kind, object, method, weight, label, service: t.service, dest: t.dest, operation: operations[names[label][method]], body: generated.body};
  const inPath = kind === 'service' || kind === 'realServer';
  const odd = badIds[object?.kind];
  op.badId = inPath ? t.badId : kind === 'host' && odd && generated.odd !== undefined ? odd[generated.odd % odd.length] : undefined;
  const service = op.badId ?? t.serviceText;
  const spelt = op.badId ?? object?.spellings[0] ?? object?.id;
  op.path = op.operation.path.replace('{service}', service).replace('{realServer}', t.destText).replace(/{vip}|{sysctl}/, spelt);
  op.query = Object.entries(params)
    .filter(([name, value]) => value !== undefined && value !== false && takes(op, name))
    .map(([name, value]) => { op[name] = value; return `${name}=${value}`; });
  if (generated.badParam !== undefined && !(generated.badParam.startsWith('owner') && kind === 'policyWrite')) {
    const [name] = generated.badParam.split('=');
    op.badParam = true;
    op.query = op.query.filter((q) => !q.startsWith(`${name}=`));
    op.query.push(generated.badParam);
  }
  op.headers = {};
  if (method !== 'GET') {
    const now = model.revisionOf(op);
    op.match = {current: now || 1, stale: (now || 2) - 1, '*': '*'}[precondition.match];
    op.none = precondition.none;
    if (op.match !== undefined)
      op.headers['if-match'] = op.match === '*' ? '*' : `"${op.match}"`;
    if (op.none !== undefined)
      op.headers['if-none-match'] = op.none;
  }
  if (generated.body !== undefined) {
    op.text = JSON.stringify(generated.body);
    op.headers['content-type'] = generated.type === 'application/json' && method === 'PATCH' ? 'application/merge-patch+json' : generated.type;
    op.badType = generated.type !== 'application/json';
    if (generated.text) {
      [op.text, op.badBody] = generated.text;
      op.badType = op.badType && op.text !== '';
      if (kind !== 'config' && op.text === '{"weight": 1e2}')
        op.badBody = [422];
    }
  }
  return op;
}

const sent = {count: 0, refused: 0, statuses: {}};
let send;

async function request(method, path, options) {
  sent.count += 1;
  const answer = await send(method, path, options);
  sent.statuses[answer.status] = (sent.statuses[answer.status] ?? 0) + 1;
  return answer;
}

class Fault extends Error {}
const tell = (op, answer, what) => new Fault(`${what}\n  ${op.method} ${op.path}${op.query?.length ? `?${op.query.join('&')}` : ''}`
  + ` ${JSON.stringify(op.headers ?? {})}\n  ${op.text ?? ''}\n  ${answer.status} ${answer.text.slice(0, 2000)}`);

function wanted(shown, answer, path = '') {
  if (shown === null || typeof shown !== 'object' || Array.isArray(shown))
    return JSON.stringify(shown) === JSON.stringify(answer) ? [] : [`${path} is ${JSON.stringify(answer)}, not ${JSON.stringify(shown)}`];
  if (answer === null || typeof answer !== 'object')
    return [`${path} is ${JSON.stringify(answer)}`];
  const isMap = /(realServers|labels|services|vips|ipvs)$/.test(path);
  const surplus = isMap ? Object.keys(answer).filter((key) => !Object.hasOwn(shown, key)) : [];
  return [...surplus.map((key) => `${path}/${key} should not be there`),
    ...Object.entries(shown).flatMap(([key, value]) => wanted(value, answer[key], `${path}/${key}`))];
}

// What the answer to a successful request should show.
function expectation(op, model) {
  const s = model.services.get(op.service.id);
  if (op.kind === 'host') {
    const x = model.host.get(op.object.key);
    const shown = hostView(op.object, x);
    return {shown: {id: op.object.id, ...shown, metadata: {...x.metadata, revision: x.revision, generation: x.generation}}, etag: x.revision};
  }
  if (op.kind === 'policyWrite')
    return {shown: model.policy, etag: model.policyRevision};
  if (op.kind === 'config')
    return op.method === 'GET' ? {shown: configOf(model), etag: model.revision} : {shown: {revision: model.revision}, etag: model.revision};
  if (op.kind === 'service') {
    const metadata = {...s.metadata, revision: s.revision, generation: s.generation};
    return {shown: {id: op.service.id, ...model.view(op.service.id), metadata}, etag: s.revision};
  }
  const revision = s.revisions.get(op.dest.id);
  const d = s.dests.get(op.dest.id);
  return {shown: op.weight ? {weight: d.weight} : {id: op.dest.id, ...d, metadata: {revision}}, etag: revision};
}

function configOf(model) {
  const services = Object.fromEntries([...model.services.keys()].map((id) => [id, model.view(id)]));
  return {services, policy: model.policy};
}

function hostMap(model, part) {
  const kinds = {vips: ['vip'], sysctls: ['sysctl'], roles: ['serverRole', 'director']}[part];
  return Object.fromEntries(objects.filter((o) => kinds.includes(o.kind) && model.host.has(o.key))
    .map((o) => [{serverRole: 'realServer', director: 'director'}[o.kind] ?? o.id, hostView(o, model.host.get(o.key))]));
}

function compare(op, model, answer) {
  const {shown, etag} = expectation(op, model);
  const faults = wanted(shown, answer.json);
  if (answer.headers.etag !== `"${etag}"`)
    faults.push(`the ETag is ${answer.headers.etag}, not "${etag}"`);
  return faults;
}

// What waits for an interface is a 202; so is a document while anything does.
function mayWait(op, next) {
  const concerned = op.kind === 'config' ? objects : op.kind === 'host' && op.method !== 'DELETE' ? [op.object] : [];
  return !op.dryRun && concerned.some((o) => waits(next.host.get(o.key)));
}

function judgeSuccess(op, result, answer) {
  const good = op.dryRun ? [200] : result.absent || op.method === 'DELETE' ? [204] : [result.created && op.kind !== 'config' ? 201 : 200];
  const absent = result.absent ? [204] : mayWait(op, result.next) ? [...good, 202] : good;
  if (!absent.includes(answer.status) && !(op.wait === 0 && !op.dryRun && answer.status === 202))
    throw tell(op, answer, `valid, and not answered ${absent}`);
  const checked = op.body !== undefined && check(schemas[op.label], op.body, 'loose');
  if (checked && checked.length)
    throw tell(op, answer, `accepted, and not valid by the document: ${checked.join('; ')}`);
  if (op.dryRun || answer.status === 204 || op.method === 'DELETE')
    return;
  const faults = compare(op, result.next, answer);
  if (faults.length)
    throw tell(op, answer, faults.join('\n  '));
  const elsewhere = decodeURIComponent(op.path) !== op.operation.path.replace('{service}', op.service.id).replace('{realServer}', op.dest.id);
  if (elsewhere && op.kind === 'service' && answer.headers['content-location'] === undefined)
    throw tell(op, answer, 'another spelling without Content-Location');
  if ((answer.status === 201) !== (answer.headers.location !== undefined) && answer.status !== 202)
    throw tell(op, answer, 'Location goes with 201');
}

// Sends one request and judges the answer; the model afterwards.
async function step(model, generated) {
  const op = prepare(generated, model);
  const result = model.apply(op);
  const query = op.query.length ? `?${op.query.join('&')}` : '';
  const answer = await request(op.method, op.path + query, {headers: op.headers, body: op.text});
  const faults = answer.status >= 500 ? [`status ${answer.status}`] : checkAnswer(op.operation, answer);
  if (faults.length)
    throw tell(op, answer, faults.join('\n  '));
  if (result.refusals.size) {
    sent.refused += 1;
    if (!result.refusals.has(answer.status))
      throw tell(op, answer, `should be refused: ${[...result.refusals]} ${result.faults ?? ''}`);
  } else {
    judgeSuccess(op, result, answer);
  }
  const next = result.refusals.size || op.dryRun || result.absent || op.method === 'GET' ? model : result.next;
  if (op.method !== 'GET')
    await look(op, next);
  return next;
}

// After a write, a read shows exactly what the model has: what was written, or what was before.
async function look(op, model) {
  if (op.badId)
    return;
  const probe = {...op, method: 'GET', operation: operations[names[op.label].GET], headers: {}, query: [], text: ''};
  probe.path = probe.operation.path.replace('{service}', op.service.id).replace('{realServer}', op.dest.id).replace(/{vip}|{sysctl}/, op.object?.id);
  const s = model.services.get(op.service.id);
  const exists = op.kind === 'host' ? model.host.has(op.object.key) : op.kind === 'service' ? s : op.kind === 'realServer' ? s?.dests.has(op.dest.id) : true;
  const answer = await request('GET', probe.path);
  const faults = checkAnswer(probe.operation, answer);
  if (!exists && answer.status !== 404)
    faults.push('it should not be there');
  if (exists && answer.status !== 200)
    faults.push('it should be there');
  if (exists && answer.status === 200)
    faults.push(...compare(probe, model, answer));
  if (faults.length)
    throw tell(probe, answer, `after ${op.method} ${op.path}?${op.query.join('&')} ${op.text ?? ''}:\n  ${faults.join('\n  ')}`);
}

// An IPv6 VIP that moves stays where it was for 50 ms more (docs/KERNEL.md), and is a difference as long.
async function requestSettled(op) {
  const answer = await request('GET', op.path);
  const moves = (item) => item.op === 'delete' && item.kind === 'address' && item.id.includes(':');
  if (op.path !== '/v1/diff' || !answer.json?.items?.length || !answer.json.items.every(moves))
    return answer;
  await setTimeout(150);
  return request('GET', op.path);
}

// The whole at the end: configuration, list, and nothing left to do.
async function lookAtAll(model) {
  for (const [name, judge] of [
    ['getConfig', (json) => wanted(configOf(model), json)],
    ['listServices', (json) => wanted(configOf(model).services, Object.fromEntries(json.items.map((item) => [item.id, item])), '/services')],
    ['getState', (json) => wanted(Object.fromEntries([...model.services].map(([id, s]) => [id, s.spec])), json.services, '/services')],
    ['getDiff', (json) => wanted([], json.items)],
    ...['vips', 'sysctls'].map((part) => ['getConfig', (json) => wanted(hostMap(model, part), json[part], `/${part}`)]),
    ['getConfig', (json) => wanted(hostMap(model, 'roles'), Object.fromEntries(Object.entries(json.roles).filter(([, role]) => role)))],
  ]) {
    const op = {...operations[name], headers: {}, query: []};
    const answer = await requestSettled(op);
    const faults = checkAnswer(op, answer);
    if (!faults.length)
      faults.push(...judge(answer.json));
    if (faults.length)
      throw tell(op, answer, `at the end:\n  ${faults.join('\n  ')}`);
  }
}

// An empty daemon, with a policy that was changed once.
async function reset() {
  const model = new Model();
  await request('PUT', '/v1/policy', {body: {resyncSeconds: 77}, headers: {'if-match': '*'}});
  await request('PUT', '/v1/policy', {body: {}, headers: {'if-match': '*'}});
  const answer = await request('PUT', '/v1/config?force=true&allowMassDelete=true', {body: {services: {}, vips: {}, sysctls: {}, roles: {realServer: null, director: null}}});
  model.revision = answer.json.revision;
  model.policyRevision = Number((await request('GET', '/v1/policy')).headers.etag.slice(1, -1));
  return model;
}

// What most sequences begin with, so that they find something to change.
const first = {
  kind: 'config', method: 'PUT', params: {force: true}, precondition: {}, type: 'application/json',
  target: {service: services[0], dest: dests[0]},
  body: {services: {
    'tcp:192.0.2.1:80': {metadata: {owner: 'ci', labels: {app: 'web'}}, realServers: {'10.0.0.5:80': {weight: 3}, '10.0.0.6:80': {}, '10.0.0.5:8080': {forward: 'nat'}}},
    'udp:[2001:db8::1]:53': {scheduler: 'sh', schedulerFlags: ['sh-port'], realServers: {'[2001:db8::5]:53': {}, '10.0.0.7:53': {forward: 'tun'}}},
    'fwm:100': {persistence: {engine: 'sip'}, realServers: {'10.0.0.7:0': {}, '10.0.0.6:5060': {forward: 'tun', tunnel: {type: 'gre'}}}},
  }},
};

// Two writers at once, each on a connection of its own, with one ETag: one of them wins, the other
// gets a 412, and what stands there afterwards is the winner's.
async function race(model) {
  const [id, s] = [...model.services].at(-1) ?? [];
  if (!id || model.policy.requireIfMatch)
    return;
  const path = `/v1/services/${id}?force=true`;
  const headers = {'if-match': `"${s.revision}"`, 'content-type': 'application/merge-patch+json'};
  const bodies = [1, 2].map((i) => ({metadata: {labels: {writer: `${i}`}}}));
  const answers = await Promise.all(bodies.map((body) => request('PATCH', path, {body, headers})));
  const winners = answers.filter((a) => a.status === 200);
  const losers = answers.filter((a) => a.status === 412);
  const op = {method: 'PATCH', path, text: JSON.stringify(bodies)};
  if (winners.length !== 1 || losers.length !== 1)
    throw tell(op, answers[1], `two writers with one ETag: ${answers.map((a) => a.status)}`);
  const now = await request('GET', `/v1/services/${id}`);
  if (now.headers.etag !== winners[0].headers.etag || now.json.metadata.labels.writer !== winners[0].json.metadata.labels.writer)
    throw tell(op, now, 'the winner of two writers is not what stands there');
}

async function sequence([filled, list]) {
  let model = await reset();
  if (filled)
    model = await step(model, first);
  for (const generated of list)
    model = await step(model, generated);
  await lookAtAll(model);
  await race(model);
}

const least = Number(process.env.FUZZ_REQUESTS ?? 6000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e9));
const started = Date.now();
const daemon = await startDaemon();
send = client(daemon.admin);
let fault;
for (let batch = 0; sent.count < least && !fault; batch++) {
  const outcome = await fc.check(fc.asyncProperty(fc.tuple(fc.integer({min: 0, max: 3}), fc.array(operation, {minLength: 1, maxLength: 60, size: 'max'})), sequence),
    {seed: seed + batch, numRuns: 25, interruptAfterTimeLimit: 30000, markInterruptAsFailure: false,
      endOnFailure: process.env.FUZZ_SIMPLIFY === 'no'});
  if (outcome.failed) {
    const steps = outcome.counterexample?.[0]?.[1]?.length;
    fault = `FUZZ_SEED=${seed + batch} repeats it; ${steps} requests after ${outcome.numShrinks} simplifications\n`
      + `${outcome.errorInstance?.message ?? outcome.error}\n${daemon.log.split('\n').filter((line) => !line.includes('info: revision')).slice(-20).join('\n')}`;
  }
}
report(`fuzzer: ${sent.count} requests, ${sent.refused} to be refused, seed ${seed}, ${(Date.now() - started) / 1000} s`, fault);
console.log(`# ${Object.entries(sent.statuses).map(([status, n]) => `${status}: ${n}`).join(', ')}`);
report(`fuzzer: at least ${least} requests were sent`, sent.count >= least || fault ? [] : 'too few');
send.close();
const status = await daemon.stop();
report('fuzzer: lvsd ended well', status === 0 ? [] : `status ${status}\n${daemon.log.slice(-2000)}`);
finish();

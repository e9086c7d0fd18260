// Random requests: mostly valid bodies for objects of the pool, some spoilt in one place or as a whole.
import fc from 'fast-check';
import {hostBody, objects} from './host.js';
import {badDests, badServices, dests, fitting, services} from './keys.js';

const usually = (good, odd, weight = 30) => fc.oneof({weight, arbitrary: good}, {weight: 1, arbitrary: odd});
const wrong = fc.constantFrom('x', '', 5, -1, 1.5, true, [], {}, ['x'], {a: 1}, 4294967296, 9007199254740991, 'ä'.repeat(200));
// A member's value: good, now and then null or wrong.
const value = (good) => fc.oneof({weight: 60, arbitrary: good}, {weight: 5, arbitrary: fc.constant(null)}, {weight: 1, arbitrary: wrong});
const some = (members) => fc.record(members, {requiredKeys: []});
// Members that are ignored, and now and then one that does not exist.
const sentBack = {id: fc.constant('whatever'), status: fc.constant({conditions: []})};
const unknown = fc.constantFrom({schedulr: 'rr'}, {Weight: 1}, {'': 0}, {realservers: {}}, {'a/b~': null});
const spoil = (record) => usually(record, fc.tuple(record, unknown).map(([good, bad]) => ({...good, ...bad})), 40);

const tunnel = fc.oneof(
  fc.constantFrom(null, {}, {type: 'ipip'}, {type: 'gre'}, {type: 'gre', checksum: 'plain'}, {type: 'gue', port: 6080},
    {type: 'gue', port: 6081, checksum: 'remote'}, {type: 'gue', port: 1, checksum: 'plain'}, {type: 'gue', port: 65535, checksum: null}),
  usually(fc.constant({port: 6080}), some({
    type: value(fc.constantFrom('ipip', 'gue', 'gre')), port: value(fc.integer({min: 0, max: 65535})),
    checksum: value(fc.constantFrom('none', 'plain', 'remote')), key: fc.constant(1),
  }), 4),
);

const weight = fc.oneof(fc.integer({min: 0, max: 9}), fc.constantFrom(2147483647, 2147483646, 100));
const threshold = fc.constantFrom(0, 0, 1, 800, 1000, 2147483647);

// The body of a real server, with the members that it needs at least to fit.
function destBody(base) {
  const body = some({
    ...sentBack, metadata: fc.constant({revision: 1}), weight: value(weight),
    ...(base.forward === 'tun' ? {tunnel: value(tunnel)} : {}),
    lowerThreshold: value(fc.constantFrom(0, 0, 0, 1)), upperThreshold: value(threshold),
    forward: value(base.forward ? fc.constant(base.forward) : fc.constantFrom('dr', 'dr', 'nat')),
  });
  return spoil(body.map((b) => ({...base, ...b})));
}

const spelling = (key) => fc.oneof({weight: 8, arbitrary: fc.constant(key.id)},
  {weight: 1, arbitrary: fc.constantFrom(key.id, ...key.spellings.filter((s) => !s.includes('%')))});

function destMap(key) {
  const fit = dests.filter((d) => fitting(key, d));
  const entry = usually(fc.constantFrom(...fit), fc.constantFrom(...dests), 40).chain((d) => fc.tuple(
    usually(spelling(d), fc.constantFrom(...badDests), 40),
    fc.oneof({weight: 8, arbitrary: destBody(fitting(key, d) ?? {})}, {weight: 1, arbitrary: fc.constant(null)})));
  return fc.array(entry, {maxLength: 4}).map((list) => Object.fromEntries(list));
}

const owner = fc.constantFrom('ci', 'ops', null);
const metadata = some({
  owner: value(owner), revision: fc.constant(3), createdAt: fc.constant('2026-01-01T00:00:00Z'),
  labels: value(fc.dictionary(usually(fc.constantFrom('app', 'tier', 'a b'), fc.constantFrom('', 'x'.repeat(129)), 20),
    value(fc.constantFrom('web', '', 'db', 'ü')), {maxKeys: 3})),
});

const flags = (scheduler) => (['sh', 'mh'].includes(scheduler)
  ? fc.constantFrom([], [`${scheduler}-port`], ['flag-1'], [`${scheduler}-fallback`, 'flag-1'], ['flag-3', 'flag-2'])
  : usually(fc.constantFrom([], ['flag-1'], ['flag-3', 'flag-2']), fc.constantFrom(['sh-port'], ['flag-1', 'flag-1'], ['x'])));

export function serviceBody(key) {
  const scheduler = usually(fc.constantFrom('rr', 'wrr', 'wlc', 'sh', 'mh', 'lblc', 'sed'), fc.constantFrom('none', 'RR', 'wlcwlcwlcwlcwlc1'));
  const persistence = some({
    timeoutSeconds: value(fc.constantFrom(1, 300, 360, 2678400)), prefixLength: value(fc.constantFrom(1, 24, 32)),
    engine: value(fc.constantFrom(null, ...(key.udp ? ['sip'] : []))),
  });
  const body = scheduler.chain((name) => some({
    ...sentBack, scheduler: value(fc.constant(name)), schedulerFlags: value(flags(name)),
    onePacket: value(fc.constantFrom(false, key.udp)), realServers: value(destMap(key)), metadata: value(metadata),
    persistence: key.port === 0 && !key.mark ? persistence : value(persistence),
  }).map((b) => (b.schedulerFlags?.some?.((flag) => /^[sm]h/.test(flag)) && !('scheduler' in b) ? {...b, scheduler: name} : b)));
  return spoil(key.port === 0 && !key.mark ? body.map((b) => ({persistence: {}, ...b})) : body);
}

const policyBody = spoil(some({
  ...sentBack, foreign: value(fc.constantFrom('report', 'ignore', 'prune')), maxDeletePercent: value(fc.constantFrom(0, 20, 50, 100)),
  resyncSeconds: value(fc.constantFrom(1, 30, 86400)), requireIfMatch: value(usually(fc.constant(false), fc.constant(true), 8)),
}));

const empty = value(fc.constant({}));
const serviceEntry = fc.constantFrom(...services).chain((key) => fc.tuple(
  usually(spelling(key), fc.constantFrom(...badServices), 60),
  fc.oneof({weight: 8, arbitrary: serviceBody(key)}, {weight: 2, arbitrary: fc.constant(null)}, {weight: 1, arbitrary: fc.constant({})})));
const configBody = spoil(some({
  services: value(fc.array(serviceEntry, {maxLength: 5}).map((list) => Object.fromEntries(list))),
  policy: value(policyBody), vips: empty, sysctls: empty, marks: empty,
}));

const weightBody = fc.oneof({weight: 4, arbitrary: value(weight)}, {weight: 4, arbitrary: value(weight).map((w) => ({weight: w}))},
  {weight: 1, arbitrary: fc.constantFrom({}, {weight: 1, x: 1}, {wieght: 1})});

// Texts that are no fit body, with the statuses that may answer them.
const badBody = fc.constantFrom(
  ['', [400]], ['{', [400]], ['{"weight":1}}', [400]], ['{"a":1,"a":2}', [400, 422]], ['[]', [400, 422]], ['"x"', [400, 422]],
  ['{"weight":99999999999999999999}', [400]], [`${'['.repeat(40)}${']'.repeat(40)}`, [400]], ['{"weight": 1e2}', [422, 400]],
  ['\ufeff{}', [400]], ["{'weight': 1}", [400]], ['{"id":"\\u0000"}', [400]], ['{"id":"\\ud800"}', [400]], ['nul', [400]]);

const precondition = fc.oneof({weight: 8, arbitrary: fc.constant({})}, {weight: 1, arbitrary: fc.constantFrom(
  {match: 'current'}, {match: 'current'}, {match: 'stale'}, {match: '*'}, {none: '*'}, {match: 'stale', none: '*'})});
const params = fc.record({
  owner: fc.oneof({weight: 6, arbitrary: fc.constant(undefined)}, {weight: 1, arbitrary: fc.constantFrom('ci', 'ops')}),
  force: fc.oneof({weight: 2, arbitrary: fc.constant(false)}, {weight: 1, arbitrary: fc.constant(true)}),
  allowMassDelete: fc.boolean(), ignoreAbsent: fc.boolean(),
  dryRun: fc.oneof({weight: 7, arbitrary: fc.constant(false)}, {weight: 1, arbitrary: fc.constant(true)}),
  wait: fc.constantFrom(undefined, undefined, 0, 1, 60),
});
const badParam = usually(fc.constant(undefined), fc.constantFrom('wait=61', 'wait=-1', 'wait=', 'nope=1', 'dryRun=maybe', 'owner=', '=1', 'wait=1&wait=1', 'owner=%00'), 50);

const target = fc.constantFrom(...services, services[0], services[0], services[1], services[4]).chain((service) => {
  const fit = dests.filter((d) => fitting(service, d)).slice(0, 4);
  return fc.record({
    service: fc.constant(service), dest: usually(fc.constantFrom(...fit), fc.constantFrom(...dests), 20),
    serviceText: fc.oneof({weight: 6, arbitrary: fc.constant(service.id)}, {weight: 1, arbitrary: fc.constantFrom(service.id, ...service.spellings)}),
    badId: usually(fc.constant(undefined), fc.constantFrom(...badServices.filter((id) => id !== 'x'), '%zz', '..', 'a%2Fb', '%00'), 60),
  });
}).chain((t) => spelling(t.dest).map((destText) => ({...t, destText})));

function bodyFor(kind, t, method, weighted, object) {
  if (method === 'GET' || method === 'DELETE')
    return fc.constant(undefined);
  if (kind === 'host')
    return hostBody(object);
  if (kind === 'config')
    return configBody;
  if (kind === 'policyWrite')
    return policyBody;
  if (kind === 'service')
    return serviceBody(t.service);
  return weighted ? weightBody : destBody(fitting(t.service, t.dest) ?? {});
}

const kinds = fc.oneof({weight: 8, arbitrary: fc.constant('service')}, {weight: 8, arbitrary: fc.constant('realServer')},
  {weight: 5, arbitrary: fc.constant('host')}, {weight: 3, arbitrary: fc.constant('config')}, {weight: 1, arbitrary: fc.constant('policyWrite')});
const methods = fc.constantFrom('PUT', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'GET');

// One request: see Model.apply() and request() in run.js for its members.
export const operation = fc.tuple(kinds, methods, target, fc.boolean(), fc.constantFrom(...objects)).chain(([kind, way, t, w, object]) => {
  const weighted = kind === 'realServer' && w && (way === 'PUT' || way === 'GET');
  const method = kind === 'config' && way === 'DELETE' ? 'PUT' : way;
  const writes = method === 'PUT' || method === 'PATCH';
  return fc.record({
    kind: fc.constant(kind), method: fc.constant(method), target: fc.constant(t), weight: fc.constant(weighted),
    object: fc.constant(object), odd: usually(fc.constant(undefined), fc.nat(9), 40), body: bodyFor(kind, t, method, weighted, object), params, precondition, badParam,
    text: writes ? usually(fc.constant(undefined), badBody, 25) : fc.constant(undefined),
    type: writes ? usually(fc.constant('application/json'), fc.constantFrom('text/plain', 'application/xml', 'application/json-patch+json'), 50)
      : fc.constant(undefined),
  });
});

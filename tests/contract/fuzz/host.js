// The host's side of the fuzzer: a small pool of VIPs, variables and the two roles, random bodies for
// them, what such a body means, and which wishes contradict each other. From docs/API.md, as decode.js.
import fc from 'fast-check';
import {decodeMetadata, isObject, members, oneOf, uint} from './decode.js';

const object = (kind, type, id, path, ...spellings) => ({kind, type, id, key: `${kind} ${id}`, path, spellings});
const vip = (id, ...spellings) => object('vip', 'Vip', id, '/v1/vips/{vip}', ...spellings);
const sysctl = (id, most, ...spellings) => ({...object('sysctl', 'Sysctl', id, '/v1/sysctls/{sysctl}', ...spellings), most});

export const objects = [
  vip('192.0.2.10'), vip('192.0.2.20'), vip('2001:db8::10', '2001:DB8:0::10'),
  sysctl('net.ipv4.ip_forward', 1), sysctl('net.ipv4.conf.eth0.rp_filter', 2), sysctl('net.ipv4.vs.conntrack', 1),
  object('serverRole', 'RealServerRole', 'real-server', '/v1/roles/real-server'),
  object('director', 'DirectorRole', 'director', '/v1/roles/director'),
];
export const badIds = {vip: ['127.0.0.1', '192.0.2.010', 'x', '192.0.2.10%2F32'], sysctl: ['kernel.panic', 'net.ipv4.conf...rp_filter', 'x']};

// Bodies ------------------------------------------------------------------------------------------

const wrong = fc.constantFrom('', 5, -1, 1.5, true, [], {}, {a: 1}, 'a/b', '..', 'sixteen-bytes-16', 'a b');
const value = (good) => fc.oneof({weight: 40, arbitrary: good}, {weight: 4, arbitrary: fc.constant(null)}, {weight: 1, arbitrary: wrong});
const some = (fields) => fc.record(fields, {requiredKeys: []});
const places = fc.constantFrom('eth0', 'eth0', 'lo', 'eth1', 'late0');
const metadata = some({owner: fc.constantFrom('ci', 'ops', null), labels: fc.constantFrom({}, {app: 'web'}, {app: null}, null)});
const address = fc.constantFrom('192.0.2.10', '192.0.2.20', '2001:db8::10', '192.0.2.30');
const bodies = {
  vip: some({
    interface: value(places), prefixLength: value(fc.constantFrom(32, 128)), label: fc.constant(null),
    announce: value(some({count: value(fc.integer({min: 0, max: 60})), intervalMilliseconds: value(fc.constantFrom(10, 10000)),
      repeatSeconds: value(fc.constantFrom(0, 86400))})),
  }),
  sysctl: some({value: value(fc.constantFrom('0', '1', 0, 1, 2, '2'))}),
  serverRole: some({
    mode: value(fc.constantFrom('dr', 'dr', 'tun')), interface: value(places),
    tunnel: fc.constantFrom(null, null, {type: 'gre'}, {type: 'gue', port: 6080}, {type: 'gue'}),
    vips: fc.oneof({weight: 9, arbitrary: fc.dictionary(address, fc.oneof({weight: 8, arbitrary: fc.constant({})},
      {weight: 1, arbitrary: fc.constant(null)}), {maxKeys: 3})}, {weight: 1, arbitrary: fc.constantFrom(null, {'127.0.0.1': {}}, [])}),
  }),
  director: some({
    ipv4Forwarding: value(fc.boolean()), ipv6Forwarding: value(fc.boolean()), sendRedirects: value(fc.boolean()),
    timeouts: value(some({tcpSeconds: value(fc.constantFrom(1, 900, 2147483)), udpSeconds: value(fc.constantFrom(300))})),
    ipvs: fc.constantFrom(null, {}, {conntrack: 1}, {conntrack: '0'}, {conntrack: null}, {conntrack: 2}, {'../x': 1}),
  }),
};
export const hostBody = (o) => fc.tuple(bodies[o.kind], some({id: fc.constant('x'), status: fc.constant({}), metadata}),
  fc.oneof({weight: 40, arbitrary: fc.constant({})}, {weight: 1, arbitrary: fc.constantFrom({Value: 1}, {vip: {}})}))
  .map((parts) => Object.assign({}, ...parts))
  // A VIP needs its interface, a variable its value: mostly they have them.
  .chain((body) => fc.integer({min: 0, max: 9}).map((n) => (n && o.kind === 'vip' && !('interface' in body) ? {...body, interface: 'eth0'}
    : n && o.kind === 'sysctl' && !('value' in body) ? {...body, value: 1} : body)));

// Meaning -----------------------------------------------------------------------------------------

const bool = (v, _, faults) => (typeof v === 'boolean' ? v : faults.add('bool'));
const name = (v, _, faults) => (typeof v === 'string' && /^[^/: \t]{1,15}$/.test(v) && v !== '..' ? v : faults.add('interface'));
const group = (fields, defaults) => (v, current, faults) =>
  (isObject(v) ? members(v, fields, [], current ?? defaults, defaults, faults) : faults.add('group'));
const noTunnel = {type: 'ipip', port: 0, checksum: 'none'};
const announce = {count: 3, intervalMilliseconds: 200, repeatSeconds: 0};
const timeouts = {tcpSeconds: null, tcpFinSeconds: null, udpSeconds: null};
const seconds = uint(1, 2147483);

function kindOf(o) {
  const prefix = o.id.includes(':') ? 128 : 32;
  return {
    vip: {
      defaults: {interface: null, prefixLength: prefix, label: null, announce},
      fields: {interface: name, prefixLength: uint(prefix, prefix), label: name,
        announce: group({count: uint(0, 60), intervalMilliseconds: uint(10, 10000), repeatSeconds: uint(0, 86400)}, announce)},
    },
    sysctl: {
      defaults: {value: null},
      fields: {value: (v, _, faults) => (['string', 'number'].includes(typeof v) && /^[0-9]$/.test(`${v}`) && Number(v) <= o.most
        ? `${v}` : faults.add('value'))},
    },
    serverRole: {
      map: 'vips', defaults: {mode: 'dr', interface: null, tunnel: null},
      fields: {mode: oneOf('dr', 'tun'), interface: name,
        tunnel: group({type: oneOf('ipip', 'gue', 'gre'), port: uint(0, 65535), checksum: oneOf('none', 'plain', 'remote')}, noTunnel)},
    },
    director: {
      map: 'ipvs', defaults: {ipv4Forwarding: null, ipv6Forwarding: null, sendRedirects: null, timeouts},
      fields: {ipv4Forwarding: bool, ipv6Forwarding: bool, sendRedirects: bool,
        timeouts: group({tcpSeconds: seconds, tcpFinSeconds: seconds, udpSeconds: seconds}, timeouts)},
    },
  }[o.kind];
}

function decodeMap(o, v, current, patch, faults) {
  if (v === undefined)
    return current;
  if (v !== null && !isObject(v))
    return faults.add('map');
  const result = patch && v !== null ? {...current} : {};
  for (const [id, entry] of Object.entries(v ?? {})) {
    const known = o.kind === 'director' ? id === 'conntrack' : id !== '127.0.0.1';
    if (!known || (o.kind === 'director' && entry !== null && !['0', '1'].includes(`${entry}`)))
      faults.add(`entry ${id}`);
    else if (entry === null)
      delete result[id];
    else
      result[id] = o.kind === 'director' ? `${entry}` : {};
  }
  return result;
}

function check(o, spec, faults) {
  const t = spec.tunnel ?? noTunnel;
  if ((o.kind === 'vip' && spec.interface === null) || (o.kind === 'sysctl' && spec.value === null))
    faults.add('required');
  if (o.kind === 'serverRole' && t.type !== 'ipip' && spec.mode !== 'tun')
    faults.add('tunnel without tun');
  if (o.kind === 'serverRole' && t.type === 'gue' && spec.mode === 'tun' && !t.port)
    faults.add('tunnel port');
}

// {spec, map, metadata}. current: the present one, or undefined.
export function decodeHost(o, current, body, patch, faults) {
  if (!isObject(body))
    return faults.add('no object');
  const kind = kindOf(o);
  const before = faults.list.length;
  const ignored = ['id', 'status', 'metadata', ...(kind.map ? [kind.map] : [])];
  const spec = members(body, kind.fields, ignored, patch && current ? current.spec : kind.defaults, kind.defaults, faults);
  const map = kind.map && decodeMap(o, body[kind.map], current?.map ?? {}, patch, faults);
  const meta = decodeMetadata(body.metadata, patch && current ? current.metadata : {owner: null, labels: {}}, faults);
  if (faults.list.length === before)
    check(o, spec, faults);
  if (faults.list.length > before)
    return undefined;
  if (o.kind === 'serverRole')
    spec.tunnel = spec.mode !== 'tun' || (spec.tunnel ?? noTunnel).type === 'ipip' ? null : spec.tunnel;
  return {spec, map, metadata: meta};
}

// As answers show it.
export const hostView = (o, x) => ({...x.spec, ...(x.map ? {[kindOf(o).map]: x.map} : {}), metadata: x.metadata});

// What it wants of things that others may want too: [thing, value].
function wishes(o, {spec, map}) {
  if (o.kind === 'vip')
    return [[o.id, o.key]]; // an address is of one object
  if (o.kind === 'sysctl')
    return [[o.id, spec.value]];
  if (o.kind === 'serverRole')
    return Object.keys(map).map((id) => [id, o.key]);
  return [...(spec.ipv4Forwarding === null ? [] : [['net.ipv4.ip_forward', spec.ipv4Forwarding ? '1' : '0']]),
    ...(map.conntrack === undefined ? [] : [['net.ipv4.vs.conntrack', map.conntrack]])];
}

// Whether two objects of these (key → object) want different things.
export function contradicts(host) {
  const wanted = new Map();
  for (const o of objects) {
    for (const [thing, want] of host.has(o.key) ? wishes(o, host.get(o.key)) : []) {
      if (wanted.has(thing) && wanted.get(thing) !== want)
        return true;
      wanted.set(thing, want);
    }
  }
  return false;
}

// Whether it waits for an interface that the host in memory does not have.
export const waits = (x) => x?.spec.interface === 'late0';

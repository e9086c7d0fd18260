// What a body means, from docs/API.md: members, defaults, rules. `Faults` counts what is wrong. This
// is the fuzzer's own understanding and shares nothing with the daemon or its OpenAPI document.
import {findDest} from './keys.js';

const schedulers = ['dh', 'fo', 'lblc', 'lblcr', 'lc', 'mh', 'nq', 'ovf', 'rr', 'sed', 'sh', 'twos', 'wlc', 'wrr'];
const flags = ['flag-1', 'flag-2', 'flag-3', 'mh-fallback', 'mh-port', 'sh-fallback', 'sh-port'];

export class Faults {
  list = [];
  add(what) { this.list.push(what); }
}

export const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const isText = (v, most) => typeof v === 'string' && Buffer.byteLength(v) <= most && !/[\x00-\x1f\x7f]/.test(v);

export const uint = (low, high) => (v, _, faults) =>
  (Number.isInteger(v) && v >= low && v <= high ? v : faults.add(`number ${v}`));
export const oneOf = (...names) => (v, _, faults) => (names.includes(v) ? v : faults.add(`name ${v}`));
const bool = (v, _, faults) => (typeof v === 'boolean' ? v : faults.add(`bool ${v}`));
const text = (most) => (v, _, faults) =>
  (typeof v === 'string' && v && Buffer.byteLength(v) <= most ? v : faults.add(`text ${v}`));

function set(v, _, faults) {
  if (!Array.isArray(v) || v.some((item) => !flags.includes(item)) || new Set(v).size !== v.length)
    return faults.add(`set ${JSON.stringify(v)}`);
  return [...v].sort();
}

const group = (fields, defaults) => (v, current, faults) =>
  (isObject(v) ? members(v, fields, [], current ?? defaults, defaults, faults) : faults.add('group'));

// The members of body over current; null takes the default.
export function members(body, fields, ignored, current, defaults, faults) {
  const result = {...current};
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(fields, name))
      result[name] = value === null ? defaults[name] : fields[name](value, current[name], faults);
    else if (!ignored.includes(name))
      faults.add(`member ${name}`);
  }
  return result;
}

const noTunnel = {type: 'ipip', port: 0, checksum: 'none'};
const destDefaults = {weight: 1, forward: 'dr', upperThreshold: 0, lowerThreshold: 0, tunnel: null};
const destFields = {
  weight: uint(0, 2147483647), forward: oneOf('dr', 'nat', 'tun'),
  upperThreshold: uint(0, 2147483647), lowerThreshold: uint(0, 2147483647),
  tunnel: group({type: oneOf('ipip', 'gue', 'gre'), port: uint(0, 65535), checksum: oneOf('none', 'plain', 'remote')}, noTunnel),
};

// A real server of a service; current: of a patch.
export function decodeDest(key, dest, current, body, faults) {
  if (!isObject(body))
    return faults.add('real server is no object');
  const before = faults.list.length;
  const d = members(body, destFields, ['id', 'status', 'metadata'], current ?? destDefaults, destDefaults, faults);
  if (faults.list.length > before)
    return undefined;
  const keepsPort = d.forward !== 'nat';
  const anyPort = key.mark || key.port === 0;
  const t = d.tunnel ?? noTunnel;
  const gue = t.type === 'gue';
  const rules = [
    [dest.port === 0 && !anyPort, 'port 0'],
    [keepsPort && !key.mark && dest.port !== key.port, 'port mapping'],
    [dest.family !== key.family && d.forward !== 'tun', 'family'],
    [d.lowerThreshold > d.upperThreshold, 'thresholds'],
    [d.forward !== 'tun' && (t.type !== 'ipip' || t.port || t.checksum !== 'none'), 'tunnel without tun'],
    [d.forward === 'tun' && gue !== (t.port > 0), 'tunnel port'],
    [d.forward === 'tun' && t.checksum === 'remote' && !gue, 'checksum remote'],
    [d.forward === 'tun' && t.checksum === 'plain' && t.type === 'ipip', 'checksum plain'],
  ];
  for (const [wrong, what] of rules) {
    if (wrong)
      faults.add(what);
  }
  return {...d, tunnel: t.type === 'ipip' ? null : t};
}

// dr and tun do not rewrite the port, so an address can be there once only.
export function checkDoubles(dests, faults) {
  const seen = new Set();
  for (const [id, d] of dests) {
    const {address} = findDest(id);
    if (d && d.forward !== 'nat' && seen.has(address))
      faults.add(`twice ${address}`);
    if (d && d.forward !== 'nat')
      seen.add(address);
  }
}

const serviceDefaults = {scheduler: 'wlc', schedulerFlags: [], onePacket: false, persistence: null};

function serviceFields(key) {
  const prefixLength = key.family === 4 ? 32 : 128;
  return {
    scheduler: text(15), schedulerFlags: set, onePacket: bool,
    persistence: group({timeoutSeconds: uint(1, 2678400), prefixLength: uint(1, 128), engine: text(15)},
      {timeoutSeconds: 360, prefixLength, engine: null}),
  };
}

function checkService(key, s, faults) {
  const p = s.persistence;
  const own = (name) => s.schedulerFlags.some((flag) => flag.startsWith(`${name}-`));
  const rules = [
    [!schedulers.includes(s.scheduler), 'scheduler'],
    [own('sh') && s.scheduler !== 'sh', 'sh flag'],
    [own('mh') && s.scheduler !== 'mh', 'mh flag'],
    [s.onePacket && !key.udp, 'one packet'],
    [!p && !key.mark && key.port === 0, 'persistence required'],
    [p && key.family === 4 && p.prefixLength > 32, 'prefix'],
    [p && p.engine !== null && p.engine !== 'sip', 'engine'],
    [p && p.engine === 'sip' && !key.udp, 'engine without udp'],
  ];
  for (const [wrong, what] of rules) {
    if (wrong)
      faults.add(what);
  }
}

function canonicalFlags(s) {
  const own = {'flag-1': `${s.scheduler}-fallback`, 'flag-2': `${s.scheduler}-port`};
  const named = ['sh', 'mh'].includes(s.scheduler) ? s.schedulerFlags.map((flag) => own[flag] ?? flag) : s.schedulerFlags;
  return [...new Set(named)].sort();
}

function decodeLabels(v, current, faults) {
  if (v === null)
    return {};
  if (!isObject(v))
    return faults.add('labels');
  const result = {...current};
  for (const [name, value] of Object.entries(v)) {
    if (!name || !isText(name, 128) || (value !== null && !isText(value, 256)))
      faults.add(`label ${name}`);
    else if (value === null)
      delete result[name];
    else
      result[name] = value;
  }
  return result;
}

export function decodeMetadata(v, current, faults) {
  if (v === undefined)
    return current;
  if (v === null)
    return {owner: null, labels: {}};
  if (!isObject(v))
    return faults.add('metadata');
  const result = {...current};
  for (const [name, value] of Object.entries(v)) {
    if (name === 'owner')
      result.owner = value === null || (value && isText(value, 128)) ? value : faults.add('owner');
    else if (name === 'labels')
      result.labels = decodeLabels(value, current.labels, faults);
    else if (!['revision', 'generation', 'createdAt', 'updatedAt'].includes(name))
      faults.add(`metadata ${name}`);
  }
  return result;
}

function decodeDests(key, current, body, patch, faults) {
  if (body === undefined)
    return current;
  if (body === null)
    return new Map();
  if (!isObject(body))
    return faults.add('realServers');
  const result = new Map(patch ? current : []);
  const given = new Set();
  for (const [id, value] of Object.entries(body)) {
    const dest = findDest(id);
    if (!dest || given.has(dest.id)) {
      faults.add(`id ${id}`);
      continue;
    }
    given.add(dest.id);
    if (value === null)
      result.delete(dest.id);
    else
      result.set(dest.id, decodeDest(key, dest, patch ? current.get(dest.id) : undefined, value, faults));
  }
  checkDoubles(result, faults);
  return result;
}

// A service: {spec, dests, metadata}. current: the present one, or undefined.
export function decodeService(key, current, body, patch, faults) {
  if (!isObject(body))
    return faults.add('service is no object');
  const base = patch && current ? current.spec : serviceDefaults;
  const ignored = ['id', 'status', 'metadata', 'realServers'];
  const before = faults.list.length;
  const spec = members(body, serviceFields(key), ignored, base, serviceDefaults, faults);
  if (faults.list.length === before)
    checkService(key, spec, faults);
  const metadata = decodeMetadata(body.metadata, patch && current ? current.metadata : {owner: null, labels: {}}, faults);
  const dests = decodeDests(key, current?.dests ?? new Map(), body.realServers, patch, faults);
  if (faults.list.length > before)
    return undefined;
  return {spec: {...spec, schedulerFlags: canonicalFlags(spec)}, metadata, dests};
}

export const policyDefaults = {foreign: 'report', maxDeletePercent: 50, resyncSeconds: 30, requireIfMatch: false};
const policyFields = {
  foreign: oneOf('report', 'ignore', 'prune'), maxDeletePercent: uint(0, 100), resyncSeconds: uint(1, 86400), requireIfMatch: bool,
};

export function decodePolicy(current, body, patch, faults) {
  if (!isObject(body))
    return faults.add('policy is no object');
  return members(body, policyFields, ['id', 'status', 'metadata'], patch ? current : policyDefaults, policyDefaults, faults);
}

export function decodeWeight(body, faults) {
  const value = isObject(body) ? body.weight : body;
  if (isObject(body) && (Object.keys(body).some((name) => name !== 'weight') || value === undefined))
    return faults.add('weight members');
  return value === null ? 1 : uint(0, 2147483647)(value, undefined, faults);
}

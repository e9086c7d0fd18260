// The state that lvsd should have, and what it should answer to a request: either the statuses of all
// refusals that apply, or the new state. Which of several refusals is told first is left open.
import {checkDoubles, decodeDest, decodePolicy, decodeService, decodeWeight, Faults, policyDefaults} from './decode.js';
import {contradicts, decodeHost, hostView, objects} from './host.js';
import {findService} from './keys.js';

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const hostPlain = (o, x) => ({...hostView(o, {...x, map: x.map && Object.fromEntries(Object.entries(x.map).sort())}),
  metadata: [x.metadata.owner, Object.entries(x.metadata.labels).sort()]});
const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
const plain = (s) => [s.spec, s.metadata.owner, Object.entries(s.metadata.labels).sort(), sorted(s.dests)];

export class Model {
  services = new Map(); // id → {spec, metadata, dests: Map, revision, generation, revisions: Map}
  host = new Map(); // key → {spec, map, metadata, revision, generation}
  policy = {...policyDefaults};
  revision = 0;
  policyRevision = 0;

  copy() {
    return Object.assign(new Model(), this, {services: new Map(this.services), host: new Map(this.host), policy: {...this.policy}});
  }

  // The revision that preconditions of a request's object are checked against; 0: there is none.
  revisionOf(op) {
    if (op.kind === 'config')
      return this.revision;
    if (op.kind === 'policyWrite')
      return this.policyRevision;
    if (op.kind === 'host')
      return this.host.get(op.object.key)?.revision ?? 0;
    const s = this.services.get(op.service.id);
    return (op.kind === 'service' ? s?.revision : s?.revisions.get(op.dest.id)) ?? 0;
  }

  // What a request does: {refusals: Set of statuses, next: Model, created, deleted}.
  apply(op) {
    const next = this.copy();
    const result = {refusals: new Set(), next, created: false, absent: false};
    if (op.badParam)
      result.refusals.add(400);
    if (op.badId)
      result.refusals.add(400);
    if (op.badType)
      result.refusals.add(415);
    if (op.badBody)
      [...op.badBody, 404, 409].forEach((status) => result.refusals.add(status)); // what is told first is open
    if (op.method !== 'GET' && !op.badId)
      this.precondition(op, result.refusals);
    if (!op.badBody && !op.badId)
      next[op.kind === 'host' ? 'hostObject' : op.kind](op, result, this);
    return result;
  }

  precondition(op, refusals) {
    const now = this.revisionOf(op);
    const {match, none} = op;
    if (match === undefined && none === undefined && this.policy.requireIfMatch)
      refusals.add(428);
    if (match !== undefined && (match === '*' ? !now : match !== now || !now))
      refusals.add(412);
    if (none !== undefined && now)
      refusals.add(412);
  }

  owned(s, actsFor, op, refusals) {
    if (s?.metadata.owner && !op.force && s.metadata.owner !== actsFor)
      refusals.add(409);
  }

  // Puts a changed service in; false: nothing changed.
  put(id, s, revision) {
    const old = this.services.get(id);
    if (old && same(plain(old), plain(s)))
      return false;
    const revisions = new Map();
    for (const [dest, d] of s.dests)
      revisions.set(dest, old && same(old.dests.get(dest), d) ? old.revisions.get(dest) : revision);
    this.services.set(id, {...s, revision, generation: (old?.generation ?? 0) + 1, revisions});
    return true;
  }

  service(op, result) {
    const old = this.services.get(op.service.id);
    const {refusals} = result;
    if (op.method === 'GET') {
      if (!old)
        refusals.add(404);
      return;
    }
    if (op.method === 'DELETE') {
      this.owned(old, op.owner, op, refusals);
      this.remove(op, result, old, () => this.services.delete(op.service.id));
      return;
    }
    const faults = new Faults();
    const s = decodeService(op.service, old, op.body, op.method === 'PATCH', faults);
    if (faults.list.length)
      refusals.add(422);
    if (op.method === 'PATCH' && !old)
      refusals.add(404);
    result.faults = faults.list;
    const named = op.body?.metadata?.owner;
    this.owned(old, op.owner ?? (typeof named === 'string' ? named : undefined), op, refusals);
    if (refusals.size)
      return;
    if (op.method === 'PUT')
      s.metadata = {...s.metadata, owner: s.metadata.owner ?? op.owner ?? null};
    result.created = !old;
    this.revision += this.put(op.service.id, s, this.revision + 1);
  }

  remove(op, result, present, doIt) {
    if (!present && op.ignoreAbsent)
      result.absent = true;
    else if (!present)
      result.refusals.add(404);
    if (result.refusals.size || result.absent)
      return;
    this.revision += 1;
    doIt();
  }

  // Writes of real servers and weights: edit changes a copy of the service's real servers.
  realServer(op, result) {
    const old = this.services.get(op.service.id);
    const {refusals} = result;
    const present = old?.dests.get(op.dest.id);
    const change = (edit) => {
      const s = {...old, dests: new Map(old.dests)};
      edit(s.dests);
      return s;
    };
    if (!op.weight && op.method !== 'GET')
      this.owned(old, op.owner, op, refusals);
    if (op.method === 'DELETE') {
      this.remove(op, result, present, () =>
        this.put(op.service.id, change((dests) => dests.delete(op.dest.id)), this.revision));
      return;
    }
    if (!old || (!present && (op.method !== 'PUT' || op.weight)))
      refusals.add(404);
    if (op.method === 'GET')
      return;
    const faults = new Faults();
    const d = op.weight ? {...present, weight: decodeWeight(op.body, faults)}
      : decodeDest(op.service, op.dest, op.method === 'PATCH' ? present : undefined, op.body, faults);
    if (old && !op.weight)
      checkDoubles(change((dests) => dests.set(op.dest.id, d)).dests, faults);
    if (faults.list.length)
      refusals.add(422);
    result.faults = faults.list;
    if (refusals.size)
      return;
    result.created = !present;
    this.revision += this.put(op.service.id, change((dests) => dests.set(op.dest.id, d)), this.revision + 1);
  }

  // A VIP, a variable or a role.
  hostObject(op, result) {
    const {object} = op;
    const old = this.host.get(object.key);
    const {refusals} = result;
    if (op.method === 'GET') {
      if (!old)
        refusals.add(404);
      return;
    }
    if (op.method === 'DELETE') {
      this.owned(old, op.owner, op, refusals);
      this.remove(op, result, old, () => this.host.delete(object.key));
      return;
    }
    const faults = new Faults();
    const x = decodeHost(object, old, op.body, op.method === 'PATCH', faults);
    if (faults.list.length)
      refusals.add(422);
    if (op.method === 'PATCH' && !old)
      refusals.add(404);
    result.faults = faults.list;
    const named = op.body?.metadata?.owner;
    this.owned(old, op.owner ?? (typeof named === 'string' ? named : undefined), op, refusals);
    if (refusals.size)
      return;
    if (op.method === 'PUT')
      x.metadata = {...x.metadata, owner: x.metadata.owner ?? op.owner ?? null};
    result.created = !old;
    if (!old || !same(hostPlain(object, old), hostPlain(object, x))) {
      this.revision += 1;
      this.host.set(object.key, {...x, revision: this.revision, generation: (old?.generation ?? 0) + 1});
    }
    if (contradicts(this.host))
      refusals.add(409);
  }

  // A part of a document that is empty: what is the writer's goes.
  configEmpty(op, kind) {
    let changed = false;
    for (const o of objects.filter((candidate) => candidate.kind === kind && this.host.has(candidate.key))) {
      if (op.force || this.host.get(o.key).metadata.owner === (op.owner ?? null))
        changed = this.host.delete(o.key);
    }
    return changed;
  }

  setPolicy(policy, revision) {
    if (same(policy, this.policy))
      return false;
    this.policy = policy;
    this.policyRevision = revision;
    return true;
  }

  policyWrite(op, result) {
    if (op.method === 'GET')
      return;
    const faults = new Faults();
    const policy = op.method === 'DELETE' ? {...policyDefaults}
      : decodePolicy(this.policy, op.body, op.method === 'PATCH', faults);
    if (faults.list.length)
      result.refusals.add(422);
    result.faults = faults.list;
    if (!result.refusals.size)
      this.revision += this.setPolicy(policy, this.revision + 1);
  }

  config(op, result, before) {
    if (op.method === 'GET')
      return;
    const faults = new Faults();
    const conflicts = new Set();
    const revision = this.revision + 1;
    let changed = false;
    const {body} = op;
    const patch = op.method === 'PATCH';
    if (body === null || typeof body !== 'object' || Array.isArray(body)) {
      result.refusals.add(400).add(422);
      return;
    }
    for (const [name, value] of Object.entries(body)) {
      if (name === 'services')
        changed = this.configServices(op, value, patch, revision, faults, conflicts) || changed;
      else if (name === 'policy')
        changed = this.configPolicy(value, patch, revision, faults) || changed;
      else if (['vips', 'sysctls'].includes(name) && (value === null || (same(value, {}) && !patch)))
        changed = this.configEmpty(op, name.slice(0, -1)) || changed;
      else if (!['vips', 'roles', 'sysctls', 'sync', 'marks'].includes(name) || (value !== null && !same(value, {})))
        faults.add(`part ${name}`);
    }
    if (faults.list.length)
      result.refusals.add(422);
    if (conflicts.size || (!op.allowMassDelete && this.guarded(before)))
      result.refusals.add(409);
    result.faults = faults.list;
    this.revision += changed;
  }

  configPolicy(value, patch, revision, faults) {
    const before = faults.list.length;
    const policy = value === null ? {...policyDefaults} : decodePolicy(this.policy, value, patch, faults);
    return faults.list.length === before && this.setPolicy(policy, revision);
  }

  configServices(op, map, patch, revision, faults, conflicts) {
    let changed = false;
    const given = new Set();
    const mentioned = new Set();
    if (map !== null && (typeof map !== 'object' || Array.isArray(map)))
      return faults.add('services');
    for (const [id, body] of Object.entries(map ?? {})) {
      const key = findService(id);
      if (!key || (body !== null && mentioned.has(key.id)) || (body === null && given.has(key.id))) {
        faults.add(`id ${id}`);
        continue;
      }
      mentioned.add(key.id);
      const old = this.services.get(key.id);
      if (body === null) {
        if (patch && old) {
          this.owned(old, op.owner, op, conflicts);
          changed = this.services.delete(key.id) || changed;
        }
        continue;
      }
      given.add(key.id);
      const s = decodeService(key, old, body, patch && Boolean(old), faults);
      if (!s)
        continue;
      this.owned(old, op.owner ?? body.metadata?.owner ?? undefined, op, conflicts);
      if (!patch || !old)
        s.metadata = {...s.metadata, owner: s.metadata.owner ?? op.owner ?? null};
      changed = this.put(key.id, s, revision) || changed;
    }
    if (!patch || map === null)
      changed = this.removeOthers(op, given) || changed;
    return changed;
  }

  removeOthers(op, given) {
    let changed = false;
    for (const [id, s] of [...this.services]) {
      if (!given.has(id) && (op.force || s.metadata.owner === (op.owner ?? null)))
        changed = this.services.delete(id);
    }
    return changed;
  }

  // Whether the guard against mass deletion holds this back.
  guarded(before) {
    const total = (m) => [...m.services.values()].reduce((n, s) => n + s.dests.size, 0);
    const share = (removed, of) => removed > 10 && removed * 100 > of * before.policy.maxDeletePercent;
    let gone = 0;
    let dests = 0;
    for (const [id, s] of before.services) {
      const now = this.services.get(id);
      gone += !now;
      dests += [...s.dests.keys()].filter((dest) => !now?.dests.has(dest)).length;
    }
    return (before.services.size && !this.services.size) || share(gone, before.services.size) || share(dests, total(before));
  }

  // The members that clients wrote, as answers show them.
  view(id) {
    const s = this.services.get(id);
    return {...s.spec, realServers: Object.fromEntries(sorted(s.dests)), metadata: s.metadata};
  }
}

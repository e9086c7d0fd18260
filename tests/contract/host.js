// The host's side: VIPs, roles, sysctls over the host in memory, which has lo and eth0. Statuses,
// ETags, owners, pages, contradictions, documents, and what is refused without a trace.
import {startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {checkAnswer, operations} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';

const daemon = await startDaemon();
const send = client(daemon.admin);
const vip = '/v1/vips/192.0.2.10';
const eth0 = {interface: 'eth0'};
const kinds = {
  Vip: {at: vip, body: eth0, other: {interface: 'lo'}, waits: {interface: 'vlan100'}},
  RealServerRole: {
    at: '/v1/roles/real-server', body: {vips: {'192.0.2.20': {}}}, other: {vips: {'192.0.2.21': {}}},
    waits: {interface: 'vlan100', vips: {'192.0.2.20': {}}},
  },
  DirectorRole: {
    at: '/v1/roles/director', body: {ipv4Forwarding: true, ipvs: {}}, other: {ipv4Forwarding: false},
    waits: {ipvs: {of_a_newer_kernel: 1}},
  },
  SyncMaster: {
    at: '/v1/sync/master', body: {interface: 'eth0', syncId: 3}, other: {interface: 'lo'}, waits: {interface: 'vlan100'},
  },
  SyncBackup: {
    at: '/v1/sync/backup', body: {interface: 'eth0', group: 'ff02::7', maxLength: 1400}, other: {port: 9999},
    waits: {interface: 'vlan100'},
  },
  Sysctl: {
    at: '/v1/sysctls/net.ipv4.conf.eth0.arp_ignore', body: {value: 1}, other: {value: '2'}, waits: null,
  },
};

const expect = (answer, status, ...more) => [
  ...(answer.status === status ? [] : [`${answer.status}, not ${status}: ${answer.text.slice(0, 500)}`]), ...more.flat()];
const same = (got, want, what = '') => (JSON.stringify(got) === JSON.stringify(want) ? []
  : [`${what} ${JSON.stringify(got)}, not ${JSON.stringify(want)}`]);
const condition = (object, type) => object?.status.conditions.find((c) => c.type === type)?.status;
const empty = () => send('PUT', '/v1/config?force=true', {body: {vips: {}, roles: {}, sysctls: {}, sync: {}}});
const etag = async () => (await send('GET', '/v1/config')).headers.etag;

// What /v1/state says of the roles: what was found of what they want.
async function rolesInState() {
  const state = async () => {
    const answer = await send('GET', '/v1/state');
    return [answer.json?.roles, answer.json?.sysctls, ...expect(answer, 200, checkAnswer(operations.getState, answer))];
  };
  await empty();
  const [none, , ...first] = await state();
  const faults = [...first, ...same(none, {realServer: null, director: null}, 'nothing declared')];
  await send('PUT', '/v1/roles/real-server', {body: {vips: {'192.0.2.20': {}, '192.0.2.21': {}}}});
  await send('PUT', '/v1/roles/director', {body: {ipv4Forwarding: true, ipv6Forwarding: false, sendRedirects: false,
    timeouts: {tcpSeconds: 1000}, ipvs: {conntrack: 1, of_a_newer_kernel: 1}}});
  const [found, sysctls, ...second] = await state();
  faults.push(...second, ...same(found?.realServer?.vips, {'192.0.2.20': {}, '192.0.2.21': {}}, 'VIPs'),
    ...same(found?.realServer?.mode, 'dr', 'mode'),
    ...same(found?.director, {ipv4Forwarding: true, ipv6Forwarding: false, sendRedirects: false,
      timeouts: {tcpSeconds: 1000, tcpFinSeconds: null, udpSeconds: null}, ipvs: {conntrack: '1'},
      status: {managed: true}}, 'director'));
  // A variable that was only looked at, and is nobody's wish, is not shown.
  await send('PATCH', '/v1/config', {body: {roles: {director: null}}});
  await send('PUT', '/v1/sysctls/net.ipv4.conf.all.forwarding', {body: {value: '0'}});
  const [, only, ...third] = await state();
  faults.push(...third, ...same(Object.keys(only ?? {}).filter((name) => name.includes('forwarding')),
    ['net.ipv4.conf.all.forwarding'], 'variables'));
  if (!sysctls?.['net.ipv4.vs.conntrack'])
    faults.push(`no conntrack in ${JSON.stringify(sysctls)}`);
  // With an interface that is not there nothing is in place.
  await send('PUT', '/v1/roles/real-server', {body: {interface: 'vlan100', vips: {'192.0.2.20': {}}}});
  const [waiting, , ...fourth] = await state();
  return [...faults, ...fourth, ...same(waiting?.realServer?.vips, {}, 'VIPs without their interface')];
}

// One object from its creation to its end, each answer by the document.
async function life(name, {at, body, other, waits}) {
  const valid = (verb, answer) => checkAnswer(operations[`${verb}${name}`], answer);
  const faults = [];
  const step = (answer, status, verb, ...more) => {
    faults.push(...expect(answer, status, valid(verb, answer), ...more));
    return answer;
  };
  await empty();
  step(await send('GET', at), 404, 'get');
  step(await send('PATCH', at, {body}), 404, 'patch');
  step(await send('DELETE', at), 404, 'delete');
  step(await send('DELETE', `${at}?ignoreAbsent=true`), 204, 'delete');
  const dry = step(await send('PUT', `${at}?dryRun=true`, {body}), 200, 'put');
  const would = dry.json?.status.plan?.operations ?? [];
  if (!would.length || !would.every((o) => o.id && ['Missing', 'Different'].includes(o.reason)))
    faults.push(`plan ${JSON.stringify(would)}`);
  step(await send('GET', at), 404, 'get');
  const made = step(await send('PUT', at, {body}), 201, 'put');
  faults.push(...same(made.headers.location, at, 'Location'), ...same(condition(made.json, 'Programmed'), 'True'));
  if (!made.json?.status.items.length || made.json.status.items.some((i) => !i.inSync || i.found !== i.wanted))
    faults.push(`items ${JSON.stringify(made.json?.status.items)}`);
  const again = step(await send('PUT', at, {body}), 200, 'put');
  faults.push(...same(again.headers.etag, made.headers.etag, 'ETag'), ...same(await etag(), made.headers.etag, 'ETag'));
  step(await send('PUT', at, {body: again.json}), 200, 'put');
  faults.push(...same(await etag(), made.headers.etag, 'ETag of what is sent back'));
  step(await send('PUT', at, {body, headers: {'if-none-match': '*'}}), 412, 'put');
  step(await send('PUT', at, {body, headers: {'if-match': '"1"'}}), 412, 'put');
  const changed = step(await send('PATCH', at, {body: other, headers: {'if-match': made.headers.etag}}), 200, 'patch');
  faults.push(...same(changed.json?.metadata.generation, 2, 'generation'));
  step(await send('PATCH', `${at}?owner=ci`, {body: {metadata: {owner: 'ci'}}}), 200, 'patch');
  step(await send('PUT', at, {body}), 409, 'put');
  step(await send('DELETE', at), 409, 'delete');
  if (waits) {
    const waiting = step(await send('PUT', `${at}?owner=ci`, {body: waits}), 202, 'put');
    faults.push(...same(condition(waiting.json, 'Pending'), 'True'), ...same(condition(waiting.json, 'Programmed'), 'False'));
  }
  step(await send('PUT', `${at}?owner=ci`, {body}), 200, 'put');
  const gone = step(await send('DELETE', `${at}?owner=ci&dryRun=true`), 200, 'delete').json?.status.plan?.operations ?? [];
  if (!gone.length || !gone.every((o) => o.reason === 'Deleted'))
    faults.push(`plan ${JSON.stringify(gone)}`);
  step(await send('DELETE', `${at}?owner=ci`), 204, 'delete');
  step(await send('GET', at), 404, 'get');
  return faults;
}

for (const [name, kind] of Object.entries(kinds))
  await test(`${name}: from its creation to its end`, () => life(name, kind));

// Refused, with this pointer, and nothing has changed.
const long = 'sixteen-bytes-16';
const bad = [
  ['PUT', vip, {}, 422, '/interface required'],
  ...['a/b', '..', '.', 'all', 'a b', 'a:b'].map((name) => ['PUT', vip, {interface: name}, 422, '/interface invalid_interface']),
  ['PUT', vip, {interface: ''}, 422, '/interface unknown_value'],
  ['PUT', vip, {interface: long}, 422, '/interface too_long'],
  ['PUT', vip, {interface: 5}, 422, '/interface wrong_type'],
  ...[0, 24, 31, 33, 128, 129, -1].map((n) => ['PUT', vip, {...eth0, prefixLength: n}, 422, '/prefixLength out_of_range']),
  ['PUT', '/v1/vips/2001:db8::10', {...eth0, prefixLength: 32}, 422, '/prefixLength out_of_range'],
  ['PUT', '/v1/vips/2001:db8::10', {...eth0, label: 'x'}, 422, '/label label_needs_ipv4'],
  ['PUT', vip, {...eth0, announce: {count: 61}}, 422, '/announce/count out_of_range'],
  ['PUT', vip, {...eth0, nonsense: 1}, 422, '/nonsense unknown_member'],
  ['PUT', vip, [], 422, ' wrong_type'],
  // eth0 has 198.51.100.1/24 and 2001:db8:ffff::1/64.
  ...['198.51.100.0', '198.51.100.255', '2001:db8:ffff::'].map((id) => ['PUT', `/v1/vips/${id}`, eth0, 422, '/interface subnet_address']),
  ['PUT', '/v1/roles/real-server', {...eth0, vips: {'198.51.100.255': {}}}, 422, '/vips/198.51.100.255 subnet_address'],
  ['PUT', '/v1/config', {vips: {'198.51.100.255': eth0}}, 422, '/vips/198.51.100.255/interface subnet_address'],
  ...['192.0.2.10%2F32', '192.0.2.010', '127.0.0.1', '224.0.0.1', '0.0.0.0', '255.255.255.255', 'fe80::1%25eth0', '::ffff:192.0.2.1', 'x']
    .map((id) => ['PUT', `/v1/vips/${id}`, eth0, 400, 'invalid_id']),
  ...['kernel.panic', 'net.ipv4.conf.%2E%2E%2F%2E%2E%2Fkernel.panic', 'net.ipv4.conf...arp_ignore', `net.ipv4.conf.${long}.arp_ignore`,
    'net.ipv4.conf.eth0%2F..%2F..%2Fx.arp_ignore', 'timeouts.tcpSeconds', 'net.ipv4.vs.a%2Fb', 'net%2Fipv4%2Fip_forward', 'net.ipv4.ip_forward%20']
    .map((id) => ['PUT', `/v1/sysctls/${id}`, {value: 1}, 400, 'invalid_id']),
  ['PUT', '/v1/sysctls/net.ipv4.ip_forward', {}, 422, '/value required'],
  ['PUT', '/v1/sysctls/net.ipv4.ip_forward', {value: 2}, 422, '/value invalid_value'],
  ['PUT', '/v1/sysctls/net.ipv4.ip_forward', {value: '1\n0'}, 422, '/value invalid_value'],
  ['PUT', '/v1/sysctls/net.ipv4.ip_forward', {value: true}, 422, '/value wrong_type'],
  ['PUT', '/v1/roles/real-server', {mode: 'nat'}, 422, '/mode unknown_value'],
  ['PUT', '/v1/roles/real-server', {interface: '..'}, 422, '/interface invalid_interface'],
  ['PUT', '/v1/roles/real-server', {vips: {'192.0.2.1/32': {}}}, 422, '/vips/192.0.2.1~132 invalid_id'],
  ['PUT', '/v1/roles/real-server', {vips: {'2001:db8::1': {}, '2001:DB8::1': {}}}, 422, '/vips/2001:DB8::1 duplicate_id'],
  ['PUT', '/v1/roles/real-server', {tunnel: {type: 'gue', port: 5555}}, 422, '/tunnel tunnel_needs_tun'],
  ...[0, -1, 2147484].map((n) => ['PUT', '/v1/roles/director', {timeouts: {tcpSeconds: n}}, 422, '/timeouts/tcpSeconds out_of_range']),
  ['PUT', '/v1/roles/director', {timeouts: {sctpSeconds: 9}}, 422, '/timeouts/sctpSeconds unknown_member'],
  ['PUT', '/v1/roles/director', {ipvs: {'../conntrack': 1}}, 422, '/ipvs/..~1conntrack sysctl_not_allowed'],
  ['PUT', '/v1/roles/director', {ipvs: {conntrack: 2}}, 422, '/ipvs/conntrack invalid_value'],
  ['PUT', '/v1/sync/master', {}, 422, '/interface required'],
  ['PUT', '/v1/sync/backup', {interface: '../x'}, 422, '/interface invalid_interface'],
  ...[-1, 256].map((n) => ['PUT', '/v1/sync/master', {...eth0, syncId: n}, 422, '/syncId out_of_range']),
  ...[0, 1, 575, 65508].map((n) => ['PUT', '/v1/sync/master', {...eth0, maxLength: n}, 422, '/maxLength out_of_range']),
  ['PUT', '/v1/sync/master', {...eth0, maxLength: 65488, group: 'ff02::7'}, 422, '/maxLength out_of_range'],
  ['PUT', '/v1/sync/backup', {...eth0, maxLength: 1023}, 422, '/maxLength out_of_range'],
  ...['192.0.2.1', '2001:db8::1', 'x', '224.0.0.81/32', 'ff02::1%eth0']
    .map((group) => ['PUT', '/v1/sync/backup', {...eth0, group}, 422, '/group invalid_value']),
  ...[0, 65536].map((port) => ['PUT', '/v1/sync/backup', {...eth0, port}, 422, '/port out_of_range']),
  ...[0, 256].map((ttl) => ['PUT', '/v1/sync/backup', {...eth0, ttl}, 422, '/ttl out_of_range']),
  ['PATCH', '/v1/config', {sync: {both: {}}}, 422, '/sync/both unknown_member'],
  ['PATCH', '/v1/config', {sync: {master: {}}}, 422, '/sync/master/interface required'],
  ['PUT', '/v1/config', '{"roles": {"realServer": {}, "realServer": {}}}', 422, '/roles/realServer duplicate_id'],
  ['PUT', '/v1/config', '{"roles": {"director": {}, "director": null}}', 422, '/roles/director duplicate_id'],
  ['PUT', '/v1/config', {vips: {'192.0.2.1/32': eth0}}, 422, '/vips/192.0.2.1~132 invalid_id'],
  ['PUT', '/v1/config', {vips: {'192.0.2.1': {interface: '..'}}}, 422, '/vips/192.0.2.1/interface invalid_interface'],
  ['PUT', '/v1/config', {vips: []}, 422, '/vips wrong_type'],
  ['PUT', '/v1/config', {sysctls: {'kernel.panic': {value: 1}}}, 422, '/sysctls/kernel.panic sysctl_not_allowed'],
  ['PATCH', '/v1/config', {roles: {backup: {}}}, 422, '/roles/backup unknown_member'],
  ['PUT', '/v1/config', {roles: {realServer: {vips: {'192.0.2.10': {}}}}}, 409, '/roles/realServer/vips/192.0.2.10 desired_conflict'],
  ['PUT', '/v1/roles/real-server', {vips: {'192.0.2.10': {}}}, 409, '/vips/192.0.2.10 desired_conflict'],
  ['PUT', '/v1/sysctls/net.ipv4.conf.all.forwarding', {value: 0}, 409, '/value desired_conflict'],
  ['PATCH', '/v1/roles/director', {ipv4Forwarding: false}, 409, '/ipv4Forwarding desired_conflict'],
];

await empty();
await send('PUT', '/v1/config', {body: {
  vips: {'192.0.2.10': eth0}, roles: {director: {}}, sysctls: {'net.ipv4.ip_forward': {value: 1}},
}});
const before = await etag();
for (const [method, url, body, status, want] of bad) {
  await test(`${status}: ${method} ${url} ${JSON.stringify(body)}`, async () => {
    const answer = await send(method, url, {body});
    const got = status === 400 ? answer.json?.code : answer.json?.errors?.map((e) => `${e.pointer} ${e.code}`).join('\n');
    return expect(answer, status, same(got, want), same(await etag(), before, 'ETag'));
  });
}

await test('the state shows what was found of the roles', rolesInState);
await test('another spelling is the same object', async () => {
  await send('PUT', '/v1/vips/2001:db8::10', {body: eth0});
  const answer = await send('GET', '/v1/vips/2001:0DB8:0::10');
  return expect(answer, 200, same(answer.headers['content-location'], '/v1/vips/2001:db8::10'), same(answer.json?.id, '2001:db8::10'));
});
await test('a slash in an id stands percent-encoded', async () => {
  const at = '/v1/sysctls/net.ipv4.conf.eth0%2F100.arp_ignore';
  const answer = await send('PUT', at, {body: {value: 1}});
  const read = await send('GET', at);
  return [...expect(answer, 202, same(answer.headers.location, at), same(answer.json?.id, 'net.ipv4.conf.eth0/100.arp_ignore')),
    ...expect(read, 200, same(read.headers['content-location'], undefined))];
});
await test('lists by pages, owner and label', async () => {
  const faults = [];
  await empty();
  const vips = Object.fromEntries([...Array(25).keys()].map((n) => [`192.0.2.${100 + n}`,
    {...eth0, metadata: n % 5 ? {} : {owner: 'ci', labels: {n: `${n}`}}}]));
  faults.push(...expect(await send('PUT', '/v1/config?force=true', {body: {vips, sysctls: {'net.ipv4.ip_forward': {value: 1}}}}), 200));
  const list = async (query, path = 'vips') => {
    const answer = await send('GET', `/v1/${path}?${query}`);
    faults.push(...expect(answer, 200, checkAnswer(operations[path === 'vips' ? 'listVips' : 'listSysctls'], answer)));
    return answer.json;
  };
  const ids = (page) => page.items.map((i) => i.id);
  faults.push(...same(ids(await list('')), Object.keys(vips)), ...same(ids(await list('owner=ci')).length, 5),
    ...same(ids(await list('owner=')).length, 20), ...same(ids(await list('label=n%3D10')), ['192.0.2.110']),
    ...same(ids(await list('', 'sysctls')), ['net.ipv4.ip_forward']));
  let page = await list('limit=10');
  const all = ids(page);
  await send('DELETE', '/v1/vips/192.0.2.115'); // the pages show the state of the first
  while (page.continue) {
    page = await list(`limit=10&continue=${page.continue}`);
    all.push(...ids(page));
  }
  return [...faults, ...same(all, Object.keys(vips))];
});
await test('the document comes back as it was sent, and empties', async () => {
  await send('PUT', '/v1/config?force=true', {body: {
    vips: {'192.0.2.10': {...eth0, label: 'eth0:1'}}, roles: {director: {ipvs: {conntrack: 1}}},
    sysctls: {'net.ipv4.conf.eth0.rp_filter': {value: 2}},
  }});
  const first = await send('GET', '/v1/config');
  const back = await send('PUT', '/v1/config', {body: first.json});
  const role = await send('PUT', '/v1/roles/real-server', {body: {vips: {'192.0.2.20': {}}}});
  const restored = await send('PUT', '/v1/config', {body: first.json}); // null takes the new role away
  const third = await send('GET', '/v1/config');
  return [...expect(back, 200, same(back.headers.etag, first.headers.etag, 'ETag')), ...expect(role, 201),
    ...expect(restored, 200, same(third.json, first.json)),
    ...expect(await empty(), 200, same((await send('GET', '/v1/config')).json.vips, {}))];
});
await test('a document with what waits is 202 and says what', async () => {
  const answer = await send('PUT', '/v1/config', {body: {vips: {'192.0.2.10': {interface: 'vlan100'}, '192.0.2.11': eth0}}});
  return expect(answer, 202, checkAnswer(operations.putConfig, answer),
    same(answer.json?.status.pending.map((p) => `${p.kind} ${p.id}`), ['vip 192.0.2.10']));
});
await test('an address that others have set is used, and never taken over with its subnet', async () => {
  const at = '/v1/vips/198.51.100.1'; // eth0's own, with a /24
  const used = await send('PUT', at, {body: eth0});
  const again = await send('PUT', `${at}?adopt=true`, {body: eth0});
  const gone = await send('DELETE', at);
  return [...expect(used, 201, same(condition(used.json, 'Foreign'), 'True'), same(condition(used.json, 'Programmed'), 'True')),
    ...expect(again, 200, same(again.headers.etag, used.headers.etag, 'ETag')), ...expect(gone, 204)];
});
await test('the state shows addresses and variables as they are', async () => {
  await send('PUT', '/v1/config', {body: {vips: {'192.0.2.10': eth0}, sysctls: {'net.ipv4.conf.eth0.arp_filter': {value: 1}}}});
  const answer = await send('GET', '/v1/state');
  return expect(answer, 200, checkAnswer(operations.getState, answer),
    same(answer.json?.vips, {'192.0.2.10': {interface: 'eth0', prefixLength: 32, label: null, status: {managed: true}}}),
    same(answer.json?.sysctls, {'net.ipv4.conf.eth0.arp_filter': {value: '1', status: {managed: true}}}));
});
await test('InSync of the daemon says whether the host is as declared', async () => {
  await send('PUT', '/v1/config', {body: {vips: {'192.0.2.10': {interface: 'vlan100'}}}});
  const inSync = async () => {
    const {conditions} = (await send('GET', '/v1')).json.status;
    return conditions.filter((c) => c.type === 'InSync').map((c) => `${c.status} ${c.reason}`)[0];
  };
  const waiting = await inSync();
  await send('PATCH', '/v1/vips/192.0.2.10', {body: {interface: 'lo'}});
  const good = await inSync();
  await send('PATCH', '/v1/vips/192.0.2.10', {body: {interface: 'vlan100'}});
  return [...same(waiting, 'False HostDiffers'), ...same(good, 'True InSync')];
});
await test('Contested of the daemon is there, and False while nobody fights', async () => {
  const index = (await send('GET', '/v1')).json.status.conditions;
  const ready = (await send('GET', '/readyz?verbose=true')).json.conditions;
  return [index, ready].flatMap((list) => same(list.filter((c) => c.type === 'Contested').map((c) => `${c.status} ${c.reason} ${c.message}`),
    ['False Quiet ']));
});
await test('timeouts of connections are items of the role, planned and put back', async () => {
  const at = '/v1/roles/director';
  await empty();
  const body = {timeouts: {tcpSeconds: 600, udpSeconds: 30}};
  const shown = (answer) => answer.json?.status.plan?.operations.map((o) => `${o.op} ${o.kind} ${o.id} ${o.reason}`);
  const items = (answer) => answer.json?.status.items.map((i) => `${i.kind} ${i.id} ${i.found} ${i.effective} ${i.inSync}`);
  const dry = await send('PUT', `${at}?dryRun=true`, {body});
  const made = await send('PUT', at, {body});
  const state = await send('GET', '/v1/state');
  const less = await send('PATCH', at, {body: {timeouts: {tcpSeconds: null}}});
  const gone = await send('DELETE', `${at}?dryRun=true`);
  await send('DELETE', at);
  const again = await send('PUT', `${at}?dryRun=true`, {body: {timeouts: {tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300}}});
  return [
    ...expect(dry, 200, same(shown(dry), ['set timeout timeouts.tcpSeconds Different', 'set timeout timeouts.udpSeconds Different'])),
    ...expect(made, 201, checkAnswer(operations.putDirectorRole, made),
      same(items(made), ['timeout timeouts.tcpSeconds 600 600 true', 'timeout timeouts.udpSeconds 30 30 true'])),
    ...expect(state, 200, checkAnswer(operations.getState, state), same(state.json?.sysctls, {})),
    ...expect(less, 200, same(items(less), ['timeout timeouts.udpSeconds 30 30 true'])),
    ...expect(gone, 200, same(shown(gone), ['set timeout timeouts.udpSeconds Deleted'])),
    ...expect(again, 200, same(shown(again), [], 'the kernel has its own again')),
  ];
});
await test('sync daemons are shown, planned, and exclude real servers of the other family', async () => {
  await empty();
  const shown = (answer) => (answer.json?.status.plan?.operations ?? answer.json?.items)?.map((o) => `${o.op} ${o.kind} ${o.id} ${o.reason}`);
  const made = await send('PUT', '/v1/config', {body: {sync: {master: {...eth0, syncId: 2}}}});
  const document = (await send('GET', '/v1/config')).json?.sync;
  const state = await send('GET', '/v1/state');
  const other = await send('PATCH', '/v1/sync/master?dryRun=true', {body: {port: 9000}});
  const mixed = {realServers: {'[2001:db8::5]:80': {forward: 'tun'}}};
  const at = '/v1/services/tcp:192.0.2.10:80';
  const whole = await send('PUT', at, {body: mixed});
  await send('PUT', at, {body: {}});
  const one = await send('PUT', `${at}/real-servers/[2001:db8::5]:80`, {body: {forward: 'tun'}});
  const part = await send('PATCH', '/v1/config', {body: {services: {'tcp:192.0.2.10:80': mixed}}});
  await send('DELETE', '/v1/sync/master');
  const now = await send('PUT', at, {body: mixed});
  const late = await send('PUT', '/v1/sync/backup', {body: eth0});
  const swapped = await send('PATCH', '/v1/config?allowMassDelete=true', {body: {services: {'tcp:192.0.2.10:80': null}, sync: {backup: eth0}}});
  const refused = (answer) => expect(answer, 409, same(answer.json?.code, 'mixed_families_with_sync'));
  const gone = await send('PATCH', '/v1/config', {body: {sync: {backup: null}}});
  return [...expect(made, 200), ...same(document.backup, null), ...same(document.master?.syncId, 2),
    ...expect(state, 200, checkAnswer(operations.getState, state), same(state.json?.sync.backup, null),
      same(state.json?.sync.master, {...eth0, syncId: 2, maxLength: 1472, group: '224.0.0.81', port: 8848, ttl: 1, status: {managed: true}})),
    ...expect(other, 200, same(shown(other), ['delete sync master Different', 'add sync master Different'])),
    ...refused(whole), ...refused(one), ...refused(part), ...expect(now, 200), ...refused(late),
    ...expect(swapped, 200), ...expect(gone, 200, same((await send('GET', '/v1/config')).json?.sync, {master: null, backup: null}))];
});
await test('the plan of a document, and the difference, have what is of the host in its place', async () => {
  await empty();
  await send('PUT', '/v1/vips/192.0.2.10', {body: eth0});
  const body = {
    vips: {'192.0.2.11': eth0}, sysctls: {'net.ipv4.conf.eth0.arp_filter': {value: 1}},
    services: {'tcp:192.0.2.11:80': {}},
  };
  const shown = (operations) => operations?.map((o) => `${o.op} ${o.kind} ${o.id} ${o.reason}`);
  const want = ['set sysctl net.ipv4.conf.eth0.arp_filter Different', 'add address 192.0.2.11/32@eth0 Missing',
    'add service tcp:192.0.2.11:80 Missing', 'delete address 192.0.2.10/32@eth0 Deleted'];
  const plan = await send('POST', '/v1/plan', {body});
  const dry = await send('PUT', '/v1/config?dryRun=true', {body});
  const diff = await send('GET', '/v1/diff');
  return [...expect(plan, 200, checkAnswer(operations.plan, plan), same(shown(plan.json?.operations), want)),
    ...expect(dry, 200, same(shown(dry.json?.status.plan.operations), want)), ...expect(diff, 200, same(diff.json?.items, []))];
});
await test('warnings say what will not work, and go when it does', async () => {
  const faults = [];
  const codes = (answer) => answer.json?.status.warnings?.map((w) => w.code);
  const read = async (id, want) => {
    const answer = await send('GET', `/v1/services/${id}`);
    faults.push(...expect(answer, 200, checkAnswer(operations.getService, answer), same(codes(answer), want, id)));
    return answer;
  };
  const nat = {forward: 'nat'};
  await send('PUT', '/v1/config?force=true', {body: {vips: {}, roles: {}, sysctls: {}, services: {
    'tcp:192.0.2.10:80': {},
    'tcp:198.51.100.1:80': {realServers: {'203.0.113.5:8080': nat}},
    'tcp:198.51.100.1:81': {realServers: {'198.51.100.7:81': {weight: 0}}},
    'tcp:198.51.100.1:82': {persistence: {timeoutSeconds: 60}, realServers: {'198.51.100.7:82': {weight: 0}, '198.51.100.8:82': {}}},
    'tcp:198.51.100.1:83': {realServers: {'198.51.100.7:83': {forward: 'tun'}}},
    'udp:198.51.100.1:53': {realServers: {'198.51.100.7:53': {}, '198.51.100.8:53': {}}},
  }}});
  await read('tcp:192.0.2.10:80', ['no_real_servers', 'vip_missing']);
  await read('tcp:198.51.100.1:80', ['nat_without_forwarding']);
  await read('tcp:198.51.100.1:81', ['all_weights_zero']);
  await read('tcp:198.51.100.1:82', ['quiescent_keeps_clients']);
  await read('tcp:198.51.100.1:83', ['tunnel_mtu']);
  await read('udp:198.51.100.1:53', ['removed_keeps_clients']);
  const list = await send('GET', '/v1/services?port=81');
  faults.push(...same(list.json?.items.map((i) => i.status.warnings.map((w) => w.code)), [['all_weights_zero']], 'list'));
  const dry = await send('PUT', '/v1/services/tcp:192.0.2.11:80?dryRun=true', {body: {realServers: {'198.51.100.7:80': {}}}});
  faults.push(...expect(dry, 200, same(codes(dry), ['vip_missing'], 'dry run')));
  await send('PUT', '/v1/roles/director', {body: {ipv4Forwarding: true, ipvs: {expire_nodest_conn: 1, expire_quiescent_template: 1}}});
  await send('PUT', '/v1/vips/192.0.2.10', {body: eth0});
  await read('tcp:192.0.2.10:80', ['no_real_servers']);
  await read('tcp:198.51.100.1:80', []);
  await read('tcp:198.51.100.1:82', []);
  await read('udp:198.51.100.1:53', []);
  const role = await send('PUT', '/v1/roles/real-server', {body: {vips: {'192.0.2.20': {}}}});
  faults.push(...expect(role, 201, same(codes(role), [], 'role')));
  const named = await send('PUT', '/v1/roles/real-server', {body: {...eth0, vips: {'192.0.2.20': {}}}});
  faults.push(...expect(named, 200, checkAnswer(operations.putRealServerRole, named), same(codes(named), ['answers_for_vip'], 'role')));
  await send('PUT', '/v1/config?force=true', {body: {services: {}, vips: {}, roles: {}, sysctls: {}}});
  return faults;
});
await test('an announcement is begun, or refused with the reason', async () => {
  await send('PUT', '/v1/config', {body: {vips: {'192.0.2.10': {interface: 'vlan100'}, '192.0.2.11': eth0}}});
  const good = await send('POST', '/v1/vips/192.0.2.11/announce');
  const down = await send('POST', '/v1/vips/192.0.2.10/announce');
  const none = await send('POST', '/v1/vips/192.0.2.12/announce');
  await send('PUT', '/v1/vips/192.0.2.13', {body: {interface: 'lo'}});
  const lo = await send('POST', '/v1/vips/192.0.2.13/announce');
  return [...expect(good, 200, good.json?.status.announced?.left > 0 ? [] : [good.text]),
    ...expect(down, 409, same(down.json?.code, 'not_announced')), ...expect(none, 404), ...expect(lo, 409, same(lo.json?.code, 'not_announced'))];
});

send.close();
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
finish();

// Lists: filters, pages, and ten thousand services listed by pages while another client changes them.
import {startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {checkAnswer, operations} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';

const daemon = await startDaemon();
const send = client(daemon.admin);

async function list(query, faults = []) {
  const answer = await send('GET', `/v1/services${query ? `?${query}` : ''}`);
  faults.push(...checkAnswer(operations.listServices, answer));
  return answer.json;
}

const same = (a, b) => (JSON.stringify(a) === JSON.stringify(b) ? [] : [`${JSON.stringify(a)}, not ${JSON.stringify(b)}`]);

async function filters() {
  const services = {
    'tcp:192.0.2.1:80': {metadata: {owner: 'ci', labels: {app: 'web', tier: ''}}, realServers: {'10.0.0.5:80': {}}},
    'tcp:192.0.2.1:443': {metadata: {labels: {app: 'web=x'}}},
    'udp:192.0.2.1:53': {realServers: {'10.0.0.5:53': {weight: 0}}},
    'tcp:[2001:db8::1]:80': {metadata: {owner: 'ops'}, realServers: {'[2001:db8::5]:80': {}}},
    'fwm:100': {realServers: {'10.0.0.5:0': {}}}, 'fwm6:100': {},
  };
  await send('PUT', '/v1/config?force=true&allowMassDelete=true', {body: {services}});
  const ids = Object.keys(services);
  const usable = ['tcp:192.0.2.1:80', 'tcp:[2001:db8::1]:80', 'fwm:100'];
  const rows = [
    ['', ids], ['protocol=tcp', ids.filter((id) => id.startsWith('tcp'))], ['protocol=UDP', ['udp:192.0.2.1:53']],
    ['protocol=fwm', ['fwm:100']], ['protocol=fwm6', ['fwm6:100']], ['address=192.0.2.1', ids.slice(0, 3)],
    ['address=2001:DB8:0::1', ['tcp:[2001:db8::1]:80']], ['port=80', ['tcp:192.0.2.1:80', 'tcp:[2001:db8::1]:80']],
    ['address=192.0.2.1&port=80&protocol=tcp', ['tcp:192.0.2.1:80']], ['owner=ci', ['tcp:192.0.2.1:80']],
    ['owner=', ids.filter((id) => !['tcp:192.0.2.1:80', 'tcp:[2001:db8::1]:80'].includes(id))],
    ['label=app%3Dweb', ['tcp:192.0.2.1:80']], ['label=app=web%3Dx', ['tcp:192.0.2.1:443']], ['label=tier=', ['tcp:192.0.2.1:80']],
    ['condition=Programmed=True', ids], ['condition=Programmed=False', []],
    ['condition=Degraded=False', usable], ['condition=Degraded=True', ids.filter((id) => !usable.includes(id))],
    ['include=stats&protocol=fwm', ['fwm:100']],
  ];
  for (const [query, want] of rows) {
    await test(`list: ?${query}`, async () => {
      const faults = [];
      const all = await list(query, faults);
      const pages = await pagesOf(query, 2, faults);
      if (query.includes('stats') && all.items.some((s) => !s.stats || Object.values(s.realServers).some((d) => !d.stats)))
        faults.push('no stats');
      return [...faults, ...same(all.items.map((s) => s.id).sort(), [...want].sort()), ...same(pages, all.items.map((s) => s.id))];
    });
  }
}

// The ids of all pages; `between` runs after each.
async function pagesOf(query, limit, faults, between = () => {}) {
  const ids = [];
  let more = '';
  let revision;
  do {
    const page = await list(`${query}${query ? '&' : ''}limit=${limit}${more && `&continue=${more}`}`, faults);
    if (faults.length)
      break;
    if (page.items.length > limit || (revision ?? page.revision) !== page.revision)
      faults.push(`${page.items.length} items of revision ${page.revision}`);
    revision = page.revision;
    ids.push(...page.items.map((s) => s.id));
    more = page.continue;
    await between();
  } while (more);
  return ids;
}

async function forgotten() {
  const first = async () => (await list('limit=1')).continue;
  await test('list: sixteen states are kept, of an older one there is no next page', async () => {
    const tokens = [await first()];
    for (let i = 1; i <= 16; i++) {
      await send('PUT', '/v1/services/fwm:100', {body: {metadata: {labels: {round: String(i)}}}});
      await new Promise((resolve) => setTimeout(resolve, 3));
      tokens.push(await first());
    }
    const next = await Promise.all([0, 1, 16].map((i) => send('GET', `/v1/services?limit=1&continue=${tokens[i]}`)));
    return [...same(next.map((a) => a.status), [410, 200, 200]), ...same(next[0].json.code, 'continue_expired'),
      ...same(new Set(tokens).size, 17)];
  });
}

async function many() {
  const address = (i) => `tcp:10.1.${i >> 8}.${i & 255}:80`;
  const services = Object.fromEntries(Array.from({length: 10000}, (_, i) => [address(i + 1), {}]));
  await send('PUT', '/v1/config?force=true&allowMassDelete=true&wait=60', {body: {services}});
  let n = 0;
  // Every third one is changed, taken away or made again; new ones come.
  const write = async () => {
    for (let i = 0; i < 10; i++, n++) {
      const id = address(1 + ((n * 3001) % 10000));
      const touched = (1 + ((n * 3001) % 10000)) % 3 === 0;
      await send('PUT', `/v1/services/tcp:10.2.${n >> 8}.${n & 255}:80`, {body: {}});
      if (touched)
        await send(n % 2 ? 'DELETE' : 'PUT', `/v1/services/${id}`, n % 2 ? {} : {body: {scheduler: 'rr'}});
    }
  };
  await test('list: 10,000 services by pages while another client changes them: what stays is there exactly once', async () => {
    const faults = [];
    const started = Date.now();
    // The other client writes all the time, while pages are sent and between them.
    let paging = true;
    const writer = (async () => {
      while (paging)
        await write();
    })();
    const ids = await pagesOf('', 500, faults, async () => {
      const before = n;
      while (n < before + 10)
        await new Promise((resolve) => setTimeout(resolve, 1));
    });
    paging = false;
    await writer;
    const seen = new Map();
    for (const id of ids)
      seen.set(id, (seen.get(id) ?? 0) + 1);
    for (let i = 1; i <= 10000; i++) {
      if (i % 3 !== 0 && seen.get(address(i)) !== 1)
        faults.push(`${address(i)} is there ${seen.get(address(i)) ?? 0} times`);
    }
    if ([...seen.values()].some((count) => count !== 1))
      faults.push('something is there twice');
    console.log(`# ${ids.length} services, ${n} rounds of writes in between, ${Date.now() - started} ms`);
    return faults;
  });
}

await filters();
await forgotten();
await many();
send.close();
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
finish();

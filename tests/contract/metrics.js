// GET /metrics as a strict reader of both formats sees it, by promtool too where that is installed; and
// what the settings and clients change of it.
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {root, startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {finish, test} from './lib/tap.js';

const OPEN = 'application/openmetrics-text';
const same = (got, want) => (JSON.stringify(got) === JSON.stringify(want) ? [] : [`${JSON.stringify(got)}, not ${JSON.stringify(want)}`]);
const SERIES = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (-?[0-9]+(?:\.[0-9]+)?)$/;

// Reads a text: {families: Map name → {type, help, unit, samples: Map series → value}, faults}.
function parse(text, open) {
  const families = new Map();
  const faults = [];
  const lines = text.split('\n');
  let current;
  if (lines.pop() !== '')
    faults.push('the last line has no end');
  if (open && lines.pop() !== '# EOF')
    faults.push('the last line is not # EOF');
  for (const line of lines) {
    const meta = /^# (HELP|TYPE|UNIT) (\S+) (.+)$/.exec(line);
    if (meta) {
      const [, what, name, value] = meta;
      if (what === 'HELP' && families.has(name))
        faults.push(`${name} begins twice`);
      if (what === 'HELP')
        families.set(name, current = {name, samples: new Map()});
      if (current?.name !== name || current.samples.size)
        faults.push(`out of place: ${line}`);
      current[what.toLowerCase()] = value;
      continue;
    }
    const [, name, labels = '', value] = SERIES.exec(line) ?? [];
    const total = current?.type === 'counter' && open ? '_total' : '';
    const fits = current?.type === 'summary' ? [`${current.name}_sum`, `${current.name}_count`] : [`${current?.name}${total}`];
    const series = `${name}{${labels.replace(/,$/, '').split(/,(?=[a-z_]+=")/).sort().join()}}`;
    if (!fits.includes(name))
      faults.push(`no sample of ${current?.name}: ${line}`);
    if (current?.samples.has(series))
      faults.push(`twice: ${series}`);
    current?.samples.set(series, Number(value));
  }
  for (const {name, type, help, unit} of families.values()) {
    if (!['counter', 'gauge', 'summary'].includes(type) || !help)
      faults.push(`${name} has type ${type}, help ${help}`);
    if (unit && !name.endsWith(`_${unit}`))
      faults.push(`${name} does not end with its unit ${unit}`);
    if (!open && (type === 'counter') !== name.endsWith('_total'))
      faults.push(`${name} is a ${type}`);
  }
  return {families, faults};
}

const daemon = await startDaemon({args: ['--metrics-label', 'app/team', '--metrics-label', 'tier']});
const send = client(daemon.admin);
const odd = 'a "quoted", b\\c=,{}é';
const services = {
  'tcp:192.0.2.1:80': {metadata: {labels: {'app/team': odd, other: 'x'}}, realServers: {'10.0.0.5:80': {}, '10.0.0.6:80': {}}},
  'tcp:[2001:db8::1]:80': {metadata: {labels: {tier: ''}}, realServers: {'[2001:db8::5]:80': {}}},
  'sctp:192.0.2.1:80': {realServers: {'10.0.0.5:80': {}}},
  'fwm:100': {realServers: {'10.0.0.5:0': {}, '10.0.0.6:0': {}}}, 'fwm:101': {realServers: {'10.0.0.5:80': {}}},
  'fwm6:100': {realServers: {'[2001:db8::5]:0': {}}},
};
const put = await send('PUT', '/v1/config', {body: {services}});
await test('the state is taken', async () => same([put.status, put.json?.errors], [200, undefined]));
const scrape = async (accept, path = '/metrics') => send('GET', path, {headers: accept ? {accept} : {}});

for (const open of [false, true]) {
  const kind = open ? 'OpenMetrics' : 'text';
  const answer = await scrape(open ? OPEN : undefined);
  const {families, faults} = parse(answer.text, open);
  const count = (name) => families.get(name)?.samples.size;
  const total = open ? '' : '_total';
  await test(`${kind}: every family together, every series once`, async () => faults);
  await test(`${kind}: services and real servers`, async () => [
    ...same(count(`lvsd_service_connections${total}`), 6), ...same(count(`lvsd_real_server_incoming_bytes${total}`), 8),
    ...same(count('lvsd_real_server_weight'), 8), ...same(count('lvsd_service_active_connections'), 6)]);
  await test(`${kind}: the media type`, async () => same(answer.headers['content-type'],
    open ? `${OPEN}; version=1.0.0; charset=utf-8` : 'text/plain; version=0.0.4; charset=utf-8'));
  await test(`${kind}: labels of clients, with all that is odd in them`, async () => {
    const line = answer.text.split('\n').find((l) => l.startsWith('lvsd_service_real_servers{service="tcp:192.0.2.1:80"'));
    const value = /label_app_team="((?:[^"\\]|\\.)*)"/.exec(line)?.[1].replace(/\\(.)/g, '$1');
    return [...same(value, odd), ...same(answer.text.includes('label_other'), false), ...same(answer.text.includes('label_tier=""'), true)];
  });
}

await test('docs/METRICS.md has every family with its type and unit, and no other', async () => {
  const {families} = parse((await scrape(OPEN)).text, true);
  const got = [...families.values()].map(({name, type, unit}) => [name + (type === 'counter' ? '*' : ''), type, unit ?? ''].join(' ')).sort();
  const rows = readFileSync(join(root, 'docs/METRICS.md'), 'utf8').matchAll(/^\| `((?:lvsd|process)_[a-z_]+\*?)` \| (\w+) \| ?(\w*) \|/gm);
  return same([...rows].map((row) => row.slice(1).join(' ')).sort(), got);
});

for (const [accept, status, type] of [
  ['*/*', 200, 'text/plain'], ['text/html,*/*;q=0.1', 200, 'text/plain'], ['text/plain;q=0.2, application/openmetrics-text;q=0.1', 200, 'text/plain'],
  [`${OPEN};version=1.0.0;q=0.8,${OPEN};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, 200, OPEN],
  [`${OPEN};version=0.0.1`, 406], ['application/json', 406], ['text/plain;q=0', 406],
]) {
  await test(`Accept: ${accept} is ${status} ${type ?? ''}`, async () => {
    const answer = await scrape(accept);
    return [...same(answer.status, status), ...(type ? same(answer.type, type) : [])];
  });
}

await test('requests are counted by route and status', async () => {
  for (const path of ['/v1/services/tcp:192.0.2.1:80', '/v1/services/tcp:192.0.2.9:80', '/nothing'])
    await scrape(undefined, path);
  const text = (await scrape()).text;
  return ['{method="GET",route="/v1/services/{service}",status="200"} 1', '{method="GET",route="/v1/services/{service}",status="404"} 1',
    '{method="none",route="none",status="404"} 1'].filter((line) => !text.includes(`lvsd_http_requests_total${line}\n`));
});

await test('the interval of full passes is the policy\'s', async () => {
  const interval = async () => Number(/^lvsd_resync_interval_seconds (\S+)$/m.exec((await scrape()).text)?.[1]);
  const before = await interval();
  await send('PATCH', '/v1/policy', {body: {resyncSeconds: 600}});
  return same([before, await interval()], [30, 600]);
});

if (spawnSync('promtool', ['--version']).status === 0) {
  await test('promtool check metrics finds nothing', async () => {
    const {status, stdout, stderr} = spawnSync('promtool', ['check', 'metrics'], {input: (await scrape()).text, encoding: 'utf8'});
    return [...same(status, 0), ...same(stdout + stderr, '')];
  });
}
send.close();
await daemon.stop();

const without = await startDaemon({args: ['--metrics-real-servers', 'off']});
const ask = client(without.admin);
await ask('PUT', '/v1/config', {body: {services}});
await test('without real servers', async () => {
  const {families, faults} = parse((await ask('GET', '/metrics')).text, false);
  return [...faults, ...[...families.keys()].filter((name) => name.startsWith('lvsd_real_server_') && !name.startsWith('lvsd_real_server_cache_')),
    ...same(families.get('lvsd_service_active_connections')?.samples.size, 6)];
});
ask.close();
await without.stop();
finish();

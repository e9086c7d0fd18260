// Rules and dashboard over what running daemons expose: every metric and label that they name is there,
// every query of the dashboard finds something, and alerts fire for real trouble only.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {allRules, faultsOf, promtool, readRules, rulesFile, testRules, yamlFile} from './lib/promtool.js';
import {filled, namesOf, seriesOf} from './lib/expressions.js';
import {root, startDaemon, startUnprivileged} from '../contract/lib/daemon.js';
import {client} from '../contract/lib/http.js';
import {finish, test} from '../contract/lib/tap.js';

// Two scrapes with writes between them, and what the daemon shall be asked to hold. Half a minute a
// scrape would be too long here: the second stands for all that follow.
async function scrapes(daemon, config) {
  const send = client(daemon.admin);
  const put = await send('PUT', '/v1/config?wait=0', {body: config});
  if (put.status >= 300)
    throw new Error(put.text);
  const first = seriesOf((await send('GET', '/metrics')).text);
  await send('PATCH', '/v1/policy?wait=0', {body: {resyncSeconds: 40}});
  await send('GET', '/v1/services');
  await send('GET', '/nothing');
  for (let waited = 0; waited < 5000; waited += 50) {
    if (/^lvsd_(last_pass_timestamp_seconds|netlink_errors_total) 0*[1-9]/m.test((await send('GET', '/metrics')).text))
      break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const second = seriesOf((await send('GET', '/metrics')).text);
  send.close();
  await daemon.stop();
  const series = [...second].map(([name, value]) => ({series: name, values: `${first.get(name) ?? value}x47 ${value}x12`}));
  return [...series, {series: 'up{job="lvsd",instance="d1"}', values: '1x60'}];
}

const web = {'10.0.0.5:80': {}, '10.0.0.6:80': {}};
const healthy = {services: {'tcp:192.0.2.1:80': {realServers: web}, 'udp:[2001:db8::1]:53': {realServers: {'[2001:db8::5]:53': {}}}, 'fwm:7': {realServers: {'10.0.0.5:0': {}}}}};
const troubled = {services: {'tcp:192.0.2.1:80': {realServers: {'10.0.0.5:80': {weight: 0}}}, 'tcp:192.0.2.2:80': {realServers: {'10.0.0.5:80': {}, '10.0.0.6:80': {weight: 0}}}}};
const found = {
  'a director that is well': [await scrapes(await startDaemon(), healthy), []],
  'real servers with weight 0': [await scrapes(await startDaemon(), troubled), ['LvsdServiceLastRealServer', 'LvsdServiceWithoutRealServer']],
  'services without IPVS in the kernel': [await scrapes(await startUnprivileged(), healthy), ['LvsdKernelNotReady']],
  'a real server whose kernel has no IPVS': [await scrapes(await startUnprivileged(), {services: {}}), []],
};

const rules = allRules(readRules());
const dashboard = JSON.parse(readFileSync(join(root, 'packaging/monitoring/lvsd-dashboard.json'), 'utf8'));
const queries = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({where: panel.title, ...target})));
const annotations = dashboard.annotations.list.map(({name, expr}) => ({where: name, expr}));
const variables = dashboard.templating.list.flatMap(({name, query}) => {
  const match = /^label_values\((.*), (\w+)\)$/.exec(query.query ?? '');
  return match ? [{where: `variable ${name}`, expr: `count by (${match[2]}) (${match[1]})`}] : [];
});

// The labels of each metric of the director that is well, and of what the rules record.
const labels = new Map([['up', new Set(['job', 'instance'])], ...rules.filter((rule) => rule.record).map((rule) => [rule.record, undefined])]);
for (const {series} of found['a director that is well'][0]) {
  const [, name, inner] = /^(\w+)\{(.*)\}$/.exec(series);
  labels.set(name, new Set([...labels.get(name) ?? [], ...[...inner.matchAll(/(\w+)="/g)].map((match) => match[1])]));
}
const has = (metric, label) => !labels.get(metric) || labels.get(metric).has(label);

function unknown({where, expr, legendFormat = ''}) {
  const {metrics, selectors, grouping} = namesOf(filled(expr));
  const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]);
  const grouped = /\b(sum|min|max|count) by \(/.test(expr);
  return [
    ...(metrics.length ? [] : [`${where}: no metric in ${expr}`]),
    ...metrics.filter((metric) => !labels.has(metric)).map((metric) => `${where}: there is no metric ${metric}`),
    ...selectors.filter(([metric, label]) => !has(metric, label)).map(([metric, label]) => `${where}: ${metric} has no label ${label}`),
    ...grouping.filter((label) => !metrics.some((metric) => has(metric, label))).map((label) => `${where}: nothing there has the label ${label}`),
    ...shown.filter((label) => !(grouped ? grouping.includes(label) : metrics.some((metric) => has(metric, label)))).map((label) => `${where}: shows a label ${label} that is not there`)];
}

await test('every metric and label in the rules is there', async () => rules.flatMap((rule) => unknown({where: rule.alert ?? rule.record, expr: rule.expr})));
await test('every metric and label in the dashboard is there', async () => [...queries, ...annotations, ...variables].flatMap(unknown));
await test('a metric or label that is not there is noticed', async () => ['rate(lvsd_no_such_total[5m])', 'sum by (realserver) (lvsd_services)',
  'lvsd_services{service="x"}', 'lvsd_services and on (job) lvsd_service'].filter((expr) => unknown({where: '', expr}).length === 0));
await test('the dashboard\'s annotations and variables are valid', async () => faultsOf(await promtool('check', 'rules', yamlFile({
  groups: [{name: 'x', rules: [...annotations, ...variables].map(({expr}, i) => ({record: `x${i}`, expr: filled(expr)}))}]}))));
// The alerts that fire at a minute, as a test of promtool.
const firing = (alerts) => ({expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '50m',
  exp_samples: alerts.map((alertname) => ({labels: `{alertname="${alertname}"}`, value: 1}))});

await test('every query of the dashboard finds something on a director that is well', async () => {
  const names = queries.map((_, i) => `Q${i}`);
  const group = {name: 'queries', rules: queries.map(({expr}, i) => ({alert: names[i], expr: `count(${filled(expr)}) > 0`}))};
  const {status, text} = await testRules([[{groups: [group]}, {input_series: found['a director that is well'][0], promql_expr_test: [firing(names)]}]]);
  const got = text.slice(text.indexOf('got:'));
  const empty = queries.filter((_, i) => !got.includes(`"Q${i}"`)).map(({where, expr}) => `${where}: ${expr}`);
  return status === 0 && queries.length ? [] : [...empty, text.slice(0, 1000)];
});
for (const [what, [series, alerts]] of Object.entries(found)) {
  await test(`${what}: ${alerts.join(', ') || 'no alert'}`, async () =>
    faultsOf(await testRules([[rulesFile, {input_series: series, promql_expr_test: [firing(alerts)]}]])));
}
finish();

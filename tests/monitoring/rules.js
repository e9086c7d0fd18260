// The alert and recording rules against the cases of cases.js, by promtool; and the cases against rules
// that are spoilt on purpose, each of which they have to notice.
import {firing, quiet, recorded} from './cases.js';
import {allRules, alertsOf, faultsOf, inputSeries, promtool, readRules, rulesFile, testRules} from './lib/promtool.js';
import {finish, test} from '../contract/lib/tap.js';

const rules = readRules();
const alerts = new Map(alertsOf(rules).map((rule) => [rule.alert, rule]));

// What promtool shall find of an alert at a minute.
function expected({alert, labels, summary}, at) {
  const {annotations, labels: own} = alerts.get(alert) ?? {};
  return {alertname: alert, eval_time: `${at}m`, exp_alerts: [{
    exp_labels: {job: 'lvsd', instance: 'd1', ...labels, ...own}, exp_annotations: {...annotations, summary}}]};
}

const silence = (alert, at) => ({alertname: alert, eval_time: `${at}m`, exp_alerts: []});
const firingTests = firing.map((c, i) => ({
  name: `${c.alert} ${i}`, input_series: inputSeries(c.series), alert_rule_test: [silence(c.alert, c.silent), expected(c, c.fires)]}));
const quietTests = quiet.map((c) => ({
  name: c.what, input_series: inputSeries(c.series), alert_rule_test: c.alerts.map((alert) => silence(alert, c.at))}));
const selector = (name, labels) => `${name}{${Object.entries({instance: 'd1', job: 'lvsd', ...labels}).map(([k, v]) => `${k}="${v}"`).join(', ')}}`;
const recordedTests = recorded.map(([expr, at, series, want]) => ({
  input_series: inputSeries(series), promql_expr_test: [{expr, eval_time: `${at}m`,
    exp_samples: want.map(([labels, value]) => ({labels: selector(expr, labels), value}))}]}));

const recording = allRules(rules).filter((rule) => rule.record);

// Ways to spoil an alert: what becomes of its rule; undefined where it has nothing to spoil.
const spoilers = {
  neverFires: (rule) => ({...rule, expr: 'vector(1) > 1'}),
  alwaysFires: (rule) => ({...rule, expr: 'vector(1)', for: undefined}),
  doesNotWait: (rule) => rule.for && {...rule, for: undefined},
  lostItsConditions: (rule) => {
    const first = / (and|unless) /.exec(rule.expr) && rule.expr.split(/ (?:and|unless) /)[0];
    return first && {...rule, expr: first + ')'.repeat(first.split('(').length - first.split(')').length)};
  },
};

const spoilt = (alert) => Object.entries(spoilers).map(([how, spoil]) => ({how, rule: spoil(alerts.get(alert))})).filter(({rule}) => rule)
  .map(({how, rule}) => JSON.parse(JSON.stringify({...rule, alert: `${rule.alert}_${how}`})));

// A case with the rules that it is about, as they are and spoilt; both shall do the same.
function withSpoilt(c) {
  const about = [...new Set(c.alert_rule_test.map((t) => t.alertname))];
  const bad = about.flatMap(spoilt);
  const copies = c.alert_rule_test.flatMap((t) => bad.filter((rule) => rule.alert.startsWith(`${t.alertname}_`))
    .map((rule) => ({...t, alertname: rule.alert})));
  return [{groups: [{name: 'recording', rules: recording}, {name: 'alerts', rules: [...about.map((name) => alerts.get(name)), ...bad]}]},
    {...c, alert_rule_test: [...c.alert_rule_test, ...copies]}];
}

const cases = [...firingTests, ...quietTests].map(withSpoilt);
const {text} = await testRules(cases);
const complaints = [...text.matchAll(/name: (.*),\s+alertname: ?(\w+), time/g)].map((match) => match.slice(1));
const complained = new Set(complaints.map(([, alert]) => alert));

// Cases that promtool did not run: it would have told of a spoilt alert in each of them.
function notRun() {
  const told = new Set(complaints.filter(([, alert]) => alert.includes('_')).map(([name]) => name));
  return cases.filter(([, c]) => !told.has(c.name)).map(([, c]) => `not run: ${c.name}`);
}

const unfired = () => [...alerts.keys()].filter((name) => !firing.some((c) => c.alert === name)).map((name) => `${name} has no case`);

await test('promtool check rules is content', async () => faultsOf(await promtool('check', 'rules', rulesFile)));
await test('each alert has a severity, a summary, a description and a section of MONITORING.md', async () => [...alerts.values()].flatMap((rule) => [
  ...(['critical', 'warning', 'info'].includes(rule.labels?.severity) ? [] : [`${rule.alert}: severity ${rule.labels?.severity}`]),
  ...(rule.annotations?.summary && rule.annotations.description ? [] : [`${rule.alert}: no summary or description`]),
  ...(/\{\{/.test(rule.annotations?.description) ? [`${rule.alert}: values belong into the summary`] : []),
  ...(rule.annotations?.runbook === `MONITORING.md#${rule.alert.toLowerCase()}` ? [] : [`${rule.alert}: runbook ${rule.annotations?.runbook}`])]));
await test('each alert fires in its cases, is silent before and where trouble is none', async () => {
  const wrong = [...alerts.keys()].filter((name) => complained.has(name));
  return [...unfired(), ...notRun(), ...wrong.map((name) => text.slice(text.indexOf(`alertname: ${name},`)).slice(0, 900))];
});
await test('the cases notice each alert that never fires, always fires, does not wait or lost its conditions', async () =>
  [...alerts.keys()].flatMap(spoilt).map((rule) => rule.alert).filter((name) => !complained.has(name)));
await test('each recording rule yields what it should', async () => [
  ...recording.filter((rule) => !recorded.some(([name]) => name === rule.record)).map((rule) => `${rule.record} has no case`),
  ...faultsOf(await testRules(recordedTests.map((t) => [rulesFile, t])))]);
finish();

// packaging/monitoring/lvsd-dashboard.json against Grafana's types, and against faults that no type shows.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root} from '../contract/lib/daemon.js';
import {finish, test} from '../contract/lib/tap.js';

const here = join(root, 'tests/monitoring');
const text = readFileSync(join(root, 'packaging/monitoring/lvsd-dashboard.json'), 'utf8');
const dashboard = JSON.parse(text);
const panels = dashboard.panels.filter((panel) => panel.type !== 'row');

// What the compiler says of dashboards, each as a value of the type Checked: a list of faults for each.
function compile(values) {
  const directory = mkdtempSync(join(here, 'node_modules/.dashboard.'));
  try {
    const names = values.map((value, i) => {
      writeFileSync(join(directory, `${i}.ts`), `import type {Checked} from '${join(here, 'dashboard-types')}';\nexport const dashboard: Checked = ${JSON.stringify(value, null, 1)};\n`);
      return join(directory, `${i}.ts`);
    });
    const out = (() => {
      try {
        return execFileSync(join(here, 'node_modules/.bin/tsc'), ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'es2022',
          '--moduleResolution', 'bundler', ...names], {encoding: 'utf8', cwd: here});
      } catch (error) {
        return error.stdout;
      }
    })();
    const other = out.split('\n').filter((line) => /error TS/.test(line) && !/\.dashboard\.\w+\/\d+\.ts/.test(line));
    return names.map((_, i) => [...other, ...out.split(/\n(?! )/).filter((part) => part.includes(`/${i}.ts(`))]);
  } finally {
    rmSync(directory, {recursive: true});
  }
}

// Faults that the types have to see, so that a check that sees nothing is found out.
const spoilers = {
  'a panel of an unknown type': (d) => { d.panels.at(-1).type = 'timeserie'; },
  'an option with a wrong value': (d) => { d.panels.at(-1).options.legend.placement = 'below'; },
  'a member with a wrong name': (d) => { d.panels.at(-1).fieldConfig.defaults.units = 's'; },
  'a query without expression': (d) => { delete d.panels.at(-1).targets[0].expr; },
  'a variable of an unknown type': (d) => { d.templating.list[0].type = 'datasources'; },
  'a dashboard without the version of its format': (d) => { delete d.schemaVersion; },
};
const results = compile([dashboard, ...Object.values(spoilers).map((spoil) => { const copy = structuredClone(dashboard); spoil(copy); return copy; })]);

await test('the dashboard is what Grafana\'s types say', async () => results[0]);
await test('the types see what is spoilt', async () => Object.keys(spoilers).filter((_, i) => results[i + 1].length === 0).map((name) => `not seen: ${name}`));

await test('panels have ids of their own, titles, and do not cover each other', async () => {
  const faults = [];
  const ids = dashboard.panels.map((panel) => panel.id);
  if (new Set(ids).size !== ids.length)
    faults.push('an id comes twice');
  const cells = new Map();
  for (const {title, gridPos: {x, y, w, h}} of dashboard.panels) {
    if (!title || x < 0 || x + w > 24 || w < 1 || h < 1)
      faults.push(`${title}: at ${JSON.stringify({x, y, w, h})}`);
    for (let i = x; i < x + w; i += 1)
      for (let j = y; j < y + h; j += 1) {
        if (cells.has(`${i},${j}`))
          faults.push(`${title} covers ${cells.get(`${i},${j}`)}`);
        cells.set(`${i},${j}`, title);
      }
  }
  const titles = panels.map((panel) => panel.title);
  return [...new Set(faults), ...titles.filter((title, i) => titles.indexOf(title) !== i && panels.find((p) => p.title === title).type === panels[i].type)];
});

await test('variables are declared and used, and every query is of the directors and services that are chosen', async () => {
  const declared = new Set(dashboard.templating.list.map((variable) => variable.name));
  const used = new Set([...text.matchAll(/\$\{?(\w+)\}?/g)].map((match) => match[1]).filter((name) => !name.startsWith('__')));
  const selectors = panels.flatMap((panel) => panel.targets.flatMap(({expr}) => [...expr.matchAll(/[a-z_]+\{[^}]*\}/g)].map((match) => [panel.title, match[0]])));
  return [
    ...[...used].filter((name) => !declared.has(name)).map((name) => `$${name} is not declared`),
    ...[...declared].filter((name) => !used.has(name)).map((name) => `$${name} is not used`),
    ...selectors.filter(([, s]) => !s.includes('job=~"$job", instance=~"$instance"') || (/^lvsd_(service|real_server)_(?!cache)/.test(s) && !s.includes('service=~"$service"')))
      .map(([title, s]) => `${title}: ${s}`),
    ...panels.filter((panel) => panel.targets.some(({expr}) => /lvsd_|process_/.test(expr.replace(/[a-z_]+\{/g, '')))).map(({title}) => `${title}: a metric without selector`)];
});
finish();

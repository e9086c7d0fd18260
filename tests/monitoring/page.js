// docs/MONITORING.md: a section for each alert and none beside, every record, and commands that work,
// run as they stand on a daemon in memory.
import {execFile} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {allRules, alertsOf, readRules} from './lib/promtool.js';
import {root, startDaemon} from '../contract/lib/daemon.js';
import {client} from '../contract/lib/http.js';
import {finish, test} from '../contract/lib/tap.js';

const page = readFileSync(join(root, 'docs/MONITORING.md'), 'utf8');
const rules = readRules();
const alerts = alertsOf(rules);
const sections = new Map(page.split(/^### /m).slice(1).map((part) => [part.slice(0, part.indexOf('\n')), part.split(/^## /m)[0]]));
const blocks = (text) => [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]);

await test('each alert has its section with something to do, and no section is without alert', async () => [
  ...alerts.filter(({alert}) => !sections.has(alert)).map(({alert}) => `no section ${alert}`),
  ...[...sections.keys()].filter((name) => !alerts.some(({alert}) => alert === name)).map((name) => `no alert ${name}`),
  ...[...sections].filter(([, text]) => !/```/.test(text)).map(([name]) => `${name}: no command`)]);
await test('sections stand in the order of the alerts', async () =>
  (JSON.stringify([...sections.keys()]) === JSON.stringify(alerts.map(({alert}) => alert)) ? [] : [[...sections.keys()].join()]));
await test('each record is named', async () => allRules(rules).filter(({record}) => record && !page.includes(`\`${record}\``)).map(({record}) => record));
await test('message ids are those of the program', async () => {
  const header = readFileSync(join(root, 'agent/base/log.h'), 'utf8');
  return [...page.matchAll(/MESSAGE_ID=(\w+)/g)].filter(([, id]) => !header.includes(`"${id}"`)).map(([, id]) => id);
});
await test('values in the text are those of the rules', async () => alerts.filter(({alert, expr}) => ({
  LvsdRestarts: !/\[15m\]\) >= 3$/, LvsdStoreSlow: />\s0\.1$/, LvsdCountersStale: /> 300$/, LvsdRefusedLogins: /\[10m\]\)\) > 20$/, LvsdServiceSilent: /offset 1h > 1$/,
})[alert]?.test?.(expr) === false).map(({alert}) => alert));

// The daemon of the page: the service, the VIP and real servers that it speaks of.
const daemon = await startDaemon();
const bin = join(daemon.directory, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'lvsctl'), `#!/bin/sh\nexec "${process.env.LVSCTL ?? join(root, 'build/agent/ctl/lvsctl')}" --socket "${daemon.admin}" "$@"\n`);
chmodSync(join(bin, 'lvsctl'), 0o755);
const send = client(daemon.admin);
await send('PUT', '/v1/config', {body: {vips: {'192.0.2.10': {interface: 'eth0'}},
  services: {'tcp:192.0.2.10:80': {realServers: {'192.0.2.11:80': {}, '192.0.2.12:80': {}}}}}});
await send('GET', '/v1/services', {headers: {'if-match': '"x'}});

// Status 1 of lvsctl is no failure: something differs.
const run = (command) => new Promise((resolve) => execFile('bash', ['-o', 'pipefail', '-c', command.replaceAll('/run/lvsd/', `${join(daemon.directory, 'run')}/`)],
  {env: {...process.env, PATH: `${bin}:${process.env.PATH}`}, timeout: 20000}, (error, stdout, stderr) => resolve({status: error?.code ?? 0, text: stdout + stderr})));
for (const [name, text] of sections) {
  const commands = blocks(text).flatMap((block) => block.trim().split('\n'));
  if (commands.length === 0)
    continue;
  await test(`${name}: its commands work`, async () => {
    const faults = [];
    for (const command of commands) {
      const {status, text: out} = await run(command);
      if (status !== 0 && !(status === 1 && command.startsWith('lvsctl ')) && !/grep 'status=/.test(command))
        faults.push(`${command}: status ${status}\n${out}`);
    }
    return faults;
  });
}
send.close();
await daemon.stop();
finish();

// The two clients of tests/clients, over the unix socket and over TCP, against the kernel in memory.
// The lab's scenario `clients` runs them on the real one, with what is compiled here.
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {root, startDaemon} from './lib/daemon.js';
import {repeat} from './lib/program.js';
import {finish, report} from './lib/tap.js';

const clients = join(root, 'tests/clients');
const directory = join(root, 'build/clients');
let built = [];
try {
  execFileSync(join(clients, 'typescript/build'), [directory], {stdio: 'pipe'});
} catch (error) {
  built = String(error.stdout) + String(error.stderr);
}
report('the TypeScript client is generated and compiles', built);
const daemon = await startDaemon();
for (const [how, env] of [['unix socket', {LVSD_SOCKET: daemon.admin}], ['TCP', {LVSD_URL: `http://${daemon.url}`}]]) {
  await repeat(how, join(clients, 'curl/scenario'), [], env);
  await repeat(how, 'node', [join(directory, 'scenario.js')], env);
}
report('lvsd ended well', await daemon.stop() === 0 ? [] : daemon.log.slice(-1000));
finish();

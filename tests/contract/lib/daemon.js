// Starts an lvsd of its own for a test, in a directory of its own, and ends it.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const program = () => process.env.LVSD ?? join(root, 'build/agent/lvsd');

// LVSD_KERNEL: the kernel for those tests that ask for none. options: kernel, state, listen, args (more
// arguments), wrap (a command that runs lvsd).
export async function startDaemon(options = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'lvsd-contract.'));
  const runtime = join(directory, 'run');
  const [command, ...args] = [
    ...(options.wrap ?? []), program(), '--config', '/dev/null', '--kernel', options.kernel ?? process.env.LVSD_KERNEL ?? 'fake',
    '--state', options.state ?? ':memory:', '--runtime-dir', runtime,
    '--listen', `tcp://${options.listen ?? '127.0.0.1:0'}`, ...(options.args ?? []),
  ].map((arg) => arg.replace('@DIR@', directory));
  const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']});
  const daemon = {
    directory, child, log: '', status: undefined, admin: join(runtime, 'admin.sock'),
    readonly: join(runtime, 'readonly.sock'),
  };
  const ended = new Promise((resolve) => child.on('close', (code, signal) => {
    daemon.status = signal ?? code;
    resolve(daemon.status);
  }));
  // A test that breaks off takes its daemon along.
  process.on('exit', () => child.kill('SIGKILL'));
  const note = (text) => { daemon.log += text; };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  child.on('error', (error) => note(String(error)));
  daemon.stop = async () => {
    if (daemon.status === undefined)
      child.kill('SIGTERM');
    await ended;
    rmSync(directory, {recursive: true, force: true});
    return daemon.status;
  };
  for (let waited = 0; !/ serves in /.test(daemon.log); waited += 10) {
    if (waited > 10000 || daemon.status !== undefined)
      throw new Error(`lvsd does not start: ${daemon.log}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  daemon.url = /tcp:\/\/(\S+:\d+)/.exec(daemon.log)?.[1];
  return daemon;
}

// Runs lvsd on the real kernel without any privilege, so that IPVS cannot be talked to.
export function startUnprivileged() {
  const wrap = process.getuid() === 0
    ? ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', '--no-new-privs'] : [];
  return startDaemon({kernel: 'netlink', wrap});
}

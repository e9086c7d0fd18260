// Runs a program that prints TAP and repeats its lines with a prefix.
import {spawn} from 'node:child_process';
import {report} from './tap.js';

export async function repeat(prefix, command, args, env) {
  const child = spawn(command, args, {env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']});
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => { text += data; });
  const status = await new Promise((resolve) => child.on('close', resolve));
  let seen = 0;
  for (const [, bad, name, why] of text.matchAll(/^(not )?ok \d+ - (.*)\n((?:#.*\n)*)/gm)) {
    report(`${prefix}: ${name}`, bad ? [why] : []);
    seen += 1;
  }
  if (!seen || (status !== 0 && !/^not ok/m.test(text)))
    report(`${prefix}: ends well`, `status ${status}\n${text.slice(-3000)}`);
}

// TLS from end to end, with a CA of the test's own: who gets in beyond loopback by which certificate or
// token and may do what, what the daemon refuses to start with, and what SIGHUP takes over.
import {execFile, execFileSync, spawnSync} from 'node:child_process';
import {appendFileSync, chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {networkInterfaces, tmpdir} from 'node:os';
import {join} from 'node:path';
import {connect, createServer} from 'node:tls';
import {authority, certificate, rsa, shortLived} from './lib/ca.js';
import {program, startDaemon} from './lib/daemon.js';
import {client} from './lib/http.js';
import {check} from './lib/spec.js';
import {finish, report, test} from './lib/tap.js';
import {line, secrets, writeTokens} from './lib/tokens.js';

const directory = mkdtempSync(join(tmpdir(), 'lvsd-tls.'));
const forClients = 'extendedKeyUsage=clientAuth';
const serverNames = 'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:director.example,DNS:localhost,IP:127.0.0.1';
const ca = authority(directory, 'clients');
const stranger = authority(directory, 'strangers');
const server = certificate(directory, ca, 'server', {extensions: serverNames, key: rsa});
const next = certificate(directory, ca, 'next', {extensions: serverNames});
const ops = certificate(directory, ca, 'ops', {extensions: forClients});
// In DER a zero byte stands before this number, which is no part of it.
const nameless = certificate(directory, ca, 'nameless', {subject: '/O=Example', extensions: forClients, serial: '0xf00d'});
const anyUse = certificate(directory, ca, 'any-use');
const forged = certificate(directory, stranger, 'forged', {subject: '/CN=ops', extensions: forClients});
const expired = certificate(directory, ca, 'expired', {extensions: forClients, days: -1});
const tokens = writeTokens(directory);
const tls = ['--tls-certificate', server.certificate, '--tls-key', server.key];
const clientCa = ['--tls-client-ca', ca.certificate];
const whole = 'GET /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n';
const service = '/v1/services/tcp:192.0.2.1:80';
const weight = `${service}/real-servers/10.0.0.5:80/weight`;
const body = {realServers: {'10.0.0.5:80': {}}};

// A client of a daemon that listens on all addresses, by name as the certificate says.
const to = (daemon, {token, shows, ...more} = {}) => client(`127.0.0.1:${daemon.url.split(':').pop()}`,
  {token, tls: {ca: ca.pem, servername: 'director.example', ...shows?.client, ...more}});
const call = async (daemon, how, ...request) => {
  const send = to(daemon, how);
  try {
    return await send(...request);
  } finally {
    send.close();
  }
};
const is = (answer, status, code) => (answer.status === status && answer.json?.code === code
  ? (code ? check('Problem', answer.json) : []) : `${answer.status} ${answer.text.slice(0, 300)}`);
const ended = async (what, daemon) => report(what, await daemon.stop() === 0 ? [] : daemon.log.slice(-2000));

await whoGetsIn();
await onlyCertificates();
await whatIsServed();
await history();
await reloads();
refusesToStart();
rmSync(directory, {recursive: true});
finish();

async function whoGetsIn() {
  const daemon = await startDaemon({listen: '0.0.0.0:0', args: [...tls, ...clientCa, '--tokens', tokens, '--tcp-host', 'director.example']});
  const get = (how) => call(daemon, how, 'GET', '/v1/services');
  for (const [name, how, status, code] of [
    ['neither certificate nor token', {}, 401, 'unauthorized'],
    ['a certificate of the client CA', {shows: ops}, 200],
    ['one without any common name', {shows: nameless}, 200],
    ['one for all purposes', {shows: anyUse}, 200],
    ['a certificate of another CA', {shows: forged}, 401, 'invalid_certificate'],
    ['an expired certificate', {shows: expired}, 401, 'invalid_certificate'],
    ['a server\'s certificate', {shows: server}, 401, 'invalid_certificate'],
    ['a token', {token: secrets.reader}, 200],
    ['a wrong token', {token: 'wrong'}, 401, 'invalid_token'],
    ['a good certificate and a wrong token', {shows: ops, token: 'wrong'}, 401, 'invalid_token'],
    ['a certificate of another CA and a good token', {shows: forged, token: secrets.admin}, 401, 'invalid_certificate'],
  ]) {
    await test(`TLS: ${name} is ${status} ${code ?? ''}`.trim(), async () => is(await get(how), status, code));
  }
  for (const [name, how, method, path, content, status, code] of [
    ['an admin\'s token writes a service', {token: secrets.admin}, 'PUT', service, body, 201],
    ['a reader\'s does not', {token: secrets.reader}, 'PUT', service, body, 403, 'forbidden'],
    ['nor a weight', {token: secrets.reader}, 'PUT', weight, 5, 403, 'forbidden'],
    ['a reader\'s token reads', {token: secrets.reader}, 'GET', service, undefined, 200],
    ['an operator\'s sets a weight', {token: secrets.operator}, 'PUT', weight, 5, 200],
    ['but writes no service', {token: secrets.operator}, 'PUT', service, body, 403, 'forbidden'],
    ['and deletes none', {token: secrets.operator}, 'DELETE', service, undefined, 403, 'forbidden'],
    ['a certificate is an admin', {shows: ops}, 'PUT', service, body, 200],
    ['with a token it is who the token says', {shows: ops, token: secrets.reader}, 'PUT', service, body, 403, 'forbidden'],
  ]) {
    await test(`TLS: ${name}: ${status}`, async () =>
      is(await call(daemon, how, method, path, {body: content === undefined ? undefined : JSON.stringify(content)}), status, code));
  }
  await hosts(daemon);
  await transport(daemon);
  await test('unix sockets ask for nothing meanwhile', async () => {
    const unix = client(daemon.admin, {token: 'wrong'});
    const answer = await unix('GET', '/v1');
    unix.close();
    return is(answer, 200);
  });
  await ended('lvsd with TLS and tokens ended well', daemon);
}

async function hosts(daemon) {
  const own = Object.values(networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal)?.address;
  if (own) {
    await test('TLS: by an address of this machine, named by itself', async () => {
      const send = client(`${own}:${daemon.url.split(':').pop()}`, {token: secrets.reader, tls: {ca: ca.pem, servername: 'director.example'}});
      const answers = [await send('GET', '/v1', {headers: {host: own}}), await send('GET', '/v1', {headers: {host: '192.0.2.77'}})];
      send.close();
      return [...is(answers[0], 200), ...is(answers[1], 403, 'host_not_allowed')];
    });
  }
  for (const [host, status] of [['director.example', 200], ['Director.Example:8443', 200], ['127.0.0.1', 200], ['localhost', 200],
    ['192.0.2.77', 403], ['evil.example', 403], ['director.example.evil.example', 403]]) {
    await test(`TLS: Host: ${host} is ${status}`, async () =>
      is(await call(daemon, {token: secrets.reader}, 'GET', '/v1', {headers: {host}}), status, status === 403 ? 'host_not_allowed' : undefined));
  }
  await test('TLS: a web page is refused whatever token it has', async () =>
    is(await call(daemon, {token: secrets.admin}, 'GET', '/v1', {headers: {origin: 'https://director.example'}}), 403, 'origin_not_allowed'));
}

// What protocol there is below HTTP. A server that takes anything shows that the client is not what
// refuses.
async function transport(daemon) {
  const port = daemon.url.split(':').pop();
  const lenient = createServer({...server.client, minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0'}, (socket) => socket.end());
  await new Promise((resolve) => lenient.listen(0, '127.0.0.1', resolve));
  const handshake = (at, options) => new Promise((resolve) => {
    const socket = connect({port: at, host: '127.0.0.1', ca: ca.pem, servername: 'director.example', ...options}, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', (error) => resolve(error.code ?? 'error'));
  });
  for (const [what, options, spoken] of [
    ['TLSv1.3', {minVersion: 'TLSv1.3'}, true], ['TLSv1.2', {maxVersion: 'TLSv1.2'}, true],
    ['TLSv1.1', {minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'}, false],
    ['a cipher without forward secrecy', {maxVersion: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384:AES128-SHA'}, false],
  ]) {
    await test(`TLS: ${what} is ${spoken ? '' : 'not '}spoken`, async () => {
      const got = [await handshake(port, options), await handshake(lenient.address().port, options)];
      return got[0].startsWith('TLSv1') === spoken && got[1].startsWith('TLSv1') ? [] : got;
    });
  }
  lenient.close();
  await test('TLS: plain HTTP gets no answer', () => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    let got = '';
    socket.on('data', (data) => { got += data.toString('latin1'); });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got.includes('HTTP/1.') ? got : []));
  }));
  const ticks = () => readFileSync(`/proc/${daemon.child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  for (const [what, begin] of [['', ''], [', beside a request that does', 'GET / HTTP/1.1\r\n'],
    [', beside a body that does', 'PUT /v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx']]) {
    await test(`TLS: a handshake that stops halfway${what} costs no processor time`, async () => {
      const request = await raw(daemon);
      request.socket.write(begin);
      const socket = net.connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = ticks();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const spent = ticks() - before;
      socket.destroy();
      request.socket.destroy();
      return spent < 10 ? [] : `${spent} ticks in 2 s`;
    });
  }
  await test('curl as SECURITY.md shows it', () => new Promise((resolve) => {
    execFile('curl', ['-sS', '--cacert', ca.certificate, '--resolve', `director.example:${port}:127.0.0.1`, '-H',
      `Authorization: Bearer ${secrets.reader}`, `https://director.example:${port}/version`], (error, stdout, stderr) =>
      resolve(!error && JSON.parse(stdout).apiVersion === 'v1' ? [] : `${stdout} ${stderr}`));
  }));
}

async function onlyCertificates() {
  const daemon = await startDaemon({listen: '0.0.0.0:0', args: [...tls, ...clientCa, '--tls-client-role', 'operator']});
  for (const [name, how, method, path, status, code] of [
    ['no certificate', {}, 'GET', '/v1', 401, 'unauthorized'],
    ['a token, where none are known', {token: secrets.admin}, 'GET', '/v1', 401, 'unauthorized'],
    ['a certificate reads', {shows: ops}, 'GET', '/v1', 200],
    ['its role is the configured one', {shows: ops}, 'DELETE', service, 403, 'forbidden'],
    ['which may set weights', {shows: ops}, 'GET', weight, 404, 'not_found'],
  ]) {
    await test(`TLS, certificates only: ${name}: ${status}`, async () => is(await call(daemon, how, method, path), status, code));
  }
  await test('TLS, certificates only: one that expires lets nobody in any more on a connection that stays open', async () => {
    const kept = await raw(daemon, shortLived(directory, ca, 'short', 3));
    const first = await kept.ask(whole);
    const until = Date.now() + 10000;
    let last = first;
    while (last === 200 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      last = await kept.ask(whole);
    }
    kept.socket.destroy();
    return first === 200 && last === 401 ? [] : `${first}, at last ${last}`;
  });
  await ended('lvsd with certificates only ended well', daemon);
}

// Bodies that do not fit into one record, both ways, several at once; streams; connections kept open.
async function whatIsServed() {
  const daemon = await startDaemon({listen: '127.0.0.1:0', args: [...tls, '--tokens', tokens]});
  const send = to(daemon, {token: secrets.admin});
  const services = Object.fromEntries(Array.from({length: 20000}, (_, i) =>
    [`fwm:${i + 1}`, {metadata: {labels: {note: 'x'.repeat(240)}}}]));
  await test('TLS: a document of 5 MB goes in and comes out whole', async () => {
    const text = JSON.stringify({services});
    const put = await send('PUT', '/v1/config', {body: text});
    const got = await send('GET', '/v1/config');
    const same = Object.entries(got.json?.services ?? {}).filter(([id, s]) => s.metadata.labels.note === services[id]?.metadata.labels.note);
    return put.status === 200 && same.length === 20000 && text.length > 5e6 ? [] : `${put.status} ${put.text.slice(0, 300)} ${same.length}`;
  });
  await test('TLS: 16 readers of the kernel\'s table at once', async () => {
    const answers = await Promise.all(Array.from({length: 16}, () => send('GET', '/v1/state')));
    return answers.every((a) => a.status === 200 && Object.keys(a.json?.services ?? {}).length === 20000) ? []
      : answers.map((a) => `${a.status} ${a.broken ?? ''}`).join('\n');
  });
  await test('TLS: 300 writes on kept connections', async () => {
    const answers = await Promise.all(Array.from({length: 300}, (_, i) =>
      send('PUT', `/v1/services/fwm:${i + 1}/real-servers/10.0.0.5:0`, {body: {weight: i}})));
    return answers.every((a, i) => a.status === 201 && a.json.weight === i) ? [] : answers.map((a) => a.status).join(' ');
  });
  send.close();
  await ended('lvsd on loopback with TLS ended well', daemon);
}

// Who it was stands in the history.
async function history() {
  const daemon = await startDaemon({state: '@DIR@/state', listen: '0.0.0.0:0', args: [...tls, ...clientCa, '--tokens', tokens]});
  const unix = client(daemon.admin);
  await unix('PUT', service, {body});
  for (const [how, value] of [[{token: secrets.operator}, 11], [{shows: ops}, 12], [{shows: nameless}, 13]])
    await call(daemon, how, 'PUT', weight, {body: String(value)});
  unix.close();
  const copy = join(directory, 'state');
  execFileSync('cp', ['-r', join(daemon.directory, 'state'), copy]);
  const serial = execFileSync('openssl', ['x509', '-in', nameless.certificate, '-noout', '-serial']).toString().trim().split('=')[1].toLowerCase();
  await test('the history names the token, or the certificate\'s subject', () => {
    const script = 'import sqlite3, sys; print(chr(10).join(r[0] for r in sqlite3.connect(sys.argv[1]).execute("SELECT actor FROM history ORDER BY revision")))';
    const actors = execFileSync('python3', ['-c', script, join(copy, 'lvsd.db')]).toString().trim().split('\n');
    const wanted = [new RegExp(`^uid=${process.getuid()} pid=\\d+$`), /^operator$/, /^CN=ops$/, new RegExp(`^serial=${serial}$`)];
    return actors.length === wanted.length && wanted.every((w, i) => w.test(actors[i])) ? [] : actors;
  });
  await test('the log has the token\'s id and the address', () =>
    (/LVSD_ACTOR=operator LVSD_PEER=127\.0\.0\.1:\d+/.test(daemon.log) ? [] : daemon.log.slice(-2000)));
  await ended('lvsd with a history ended well', daemon);
}

async function reloads() {
  const live = {certificate: join(directory, 'live.pem'), key: join(directory, 'live.key'), ca: join(directory, 'live-ca.pem')};
  const use = (made) => {
    copyFileSync(made.certificate, live.certificate);
    copyFileSync(made.key, live.key);
  };
  use(server);
  copyFileSync(ca.certificate, live.ca);
  const daemon = await startDaemon({listen: '0.0.0.0:0',
    args: ['--tls-certificate', live.certificate, '--tls-key', live.key, '--tls-client-ca', live.ca, '--tokens', tokens]});
  // What the log says of it.
  const reload = async () => {
    const before = daemon.log.length;
    daemon.child.kill('SIGHUP');
    for (let i = 0; i < 500 && !/tokens and certificates .*\n/.test(daemon.log.slice(before)); i += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return daemon.log.slice(before);
  };
  const get = async (how) => (await call(daemon, how, 'GET', '/v1')).status;
  const shown = () => new Promise((resolve, reject) => {
    const socket = connect({port: daemon.url.split(':').pop(), host: '127.0.0.1', ca: ca.pem, servername: 'director.example'}, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on('error', reject);
  });

  await test('SIGHUP: a token that was added is known, one that was taken away is not', async () => {
    const before = await get({token: 'fresh'});
    writeFileSync(tokens, line('operator', 'operator', secrets.operator) + line('admin', 'admin', secrets.admin) + line('fresh', 'reader', 'fresh'));
    await reload();
    const after = [await get({token: 'fresh'}), await get({token: secrets.reader}), await get({token: secrets.admin})].join(' ');
    return before === 401 && after === '200 401 200' ? [] : `${before}, then ${after}`;
  });
  for (const [what, spoil, mend, says] of [
    ['a broken line', () => appendFileSync(tokens, 'nonsense\n'), () => writeTokens(directory), /line 4: /],
    ['a file for everybody', () => chmodSync(tokens, 0o644), () => chmodSync(tokens, 0o600), /may be read by everybody/],
    ['no file', () => rmSync(tokens), () => writeTokens(directory), /No such file/],
    ['a key that is not the certificate\'s', () => copyFileSync(next.key, live.key), () => use(server), /tls-certificate and tls-key: /],
    ['a CA that is none', () => writeFileSync(live.ca, 'nothing'), () => copyFileSync(ca.certificate, live.ca), /tls-client-ca: /],
  ]) {
    await test(`SIGHUP: ${what} keeps what there was, and says so`, async () => {
      spoil();
      const log = await reload();
      const still = [await get({token: secrets.admin}), await get({shows: ops}), await shown()].join(' ');
      mend();
      await reload();
      return still === '200 200 server' && /error: tokens and certificates stay as they were/.test(log) && says.test(log) ? [] : `${still} ${log}`;
    });
  }
  await test('SIGHUP: new connections get the new certificate, a request that waits is answered', async () => {
    const kept = to(daemon, {token: secrets.admin});
    await kept('GET', '/v1');
    // Its body comes after the reload.
    const {promise, go} = halfWritten();
    await new Promise((resolve) => setTimeout(resolve, 200));
    use(next);
    await reload();
    const name = await shown();
    go();
    const answer = await promise;
    const old = await kept('GET', '/v1');
    const renewed = await kept('GET', '/v1');
    kept.close();
    const closes = [old, renewed].map((a) => `${a.status} ${a.headers.connection}`).join(', ');
    return name === 'next' && answer === 201 && /^200 close, 200 (?!close)/i.test(closes) ? [] : `${name} ${answer} ${closes}`;
  });
  await test('SIGHUP: with another client CA the old certificates are worth nothing, on open connections too', async () => {
    const kept = to(daemon, {shows: ops});
    const before = await kept('GET', '/v1');
    copyFileSync(stranger.certificate, live.ca);
    await reload();
    const after = await kept('GET', '/v1');
    kept.close();
    const other = await get({shows: forged});
    return before.status === 200 && after.json?.code === 'invalid_certificate' && other === 200 ? [] : `${before.status} ${after.status} ${other}`;
  });
  await test('SIGHUP: nor on one that outlived a reload before, or whose request has just begun', async () => {
    copyFileSync(ca.certificate, live.ca);
    await reload();
    const older = await raw(daemon, ops);
    const first = await older.ask(whole);
    await reload();
    const begun = await raw(daemon, ops);
    begun.socket.write('GET /v1 HTTP/1.1\r\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    copyFileSync(stranger.certificate, live.ca);
    await reload();
    const got = [first, await older.ask(whole), await begun.ask('Host: localhost\r\n\r\n')];
    return got.join() === '200,closed,401' ? [] : got.join();
  });
  await ended('lvsd that was told to reload ended well', daemon);

  function halfWritten() {
    let go;
    const promise = new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const socket = connect({port: daemon.url.split(':').pop(), host: '127.0.0.1', ca: ca.pem, servername: 'director.example'}, () =>
        socket.write(`PUT ${service} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secrets.admin}\r\nContent-Type: application/json\r\n`
          + `Content-Length: ${text.length}\r\n\r\n`));
      socket.on('error', reject);
      socket.on('data', (data) => {
        resolve(/connection: close/i.test(data.toString()) ? Number(data.toString().split(' ')[1]) : 'the connection stays');
        socket.destroy();
      });
      go = () => socket.write(text);
    });
    return {promise, go};
  }
}

// A connection of raw text; ask() sends some and gives the status of the answer.
async function raw(daemon, shows) {
  const socket = connect({port: daemon.url.split(':').pop(), host: '127.0.0.1', ca: ca.pem, servername: 'director.example', ...shows?.client});
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  socket.on('error', () => {});
  socket.setMaxListeners(0);
  const ask = (text) => new Promise((resolve) => {
    if (socket.destroyed || socket.readableEnded)
      resolve('closed');
    socket.once('data', (data) => resolve(Number(data.toString().split(' ')[1])));
    socket.once('close', () => resolve('closed'));
    socket.write(text);
  });
  return {socket, ask};
}

// Each with --check and without: status 2, and a sentence that says what to do.
function refusesToStart() {
  const open = join(directory, 'open.key');
  copyFileSync(server.key, open);
  chmodSync(open, 0o644);
  writeTokens(directory);
  for (const [what, args, says] of [
    ['beyond loopback without anything', [], /TLS and authentication/],
    ['beyond loopback with tokens, but without TLS', ['--tokens', tokens], /TLS and authentication/],
    ['beyond loopback with TLS, but nobody to ask', tls, /tls-client-ca or tokens/],
    ['a certificate without its key', ['--tls-certificate', server.certificate], /one needs the other/],
    ['a client CA without TLS', clientCa, /tls-client-ca: needs/],
    ['a key that everybody may read', ['--tls-certificate', server.certificate, '--tls-key', open, '--tokens', tokens], /may be read by everybody/],
    ['a key of another certificate', ['--tls-certificate', server.certificate, '--tls-key', next.key, '--tokens', tokens], /tls-certificate and tls-key: /],
    ['a tokens file that is not there', [...tls, '--tokens', join(directory, 'none')], /No such file/],
    ['a tokens file that is a key', [...tls, '--tokens', server.key], /tokens: .* line 1: /],
  ]) {
    for (const mode of [['--check'], []]) {
      const run = spawnSync(program(), ['--config', '/dev/null', '--kernel', 'fake', '--state', ':memory:', '--runtime-dir', join(directory, 'run'),
        '--listen', 'tcp://0.0.0.0:0', ...args, ...mode], {timeout: 10000});
      const text = String(run.stderr);
      report(`${what}: refused${mode.length ? ' by --check' : ' at the start'}`, run.status === 2 && says.test(text) ? [] : `${run.status} ${text}`);
    }
  }
  const fine = spawnSync(program(), ['--config', '/dev/null', '--state', ':memory:', '--listen', 'tcp://0.0.0.0:0', ...tls, ...clientCa, '--tokens', tokens, '--check']);
  report('TLS, client CA and tokens: taken by --check', fine.status === 0 ? [] : String(fine.stderr));
}

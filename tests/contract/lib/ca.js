// Certificate authorities and certificates of a test's own, made by openssl in a directory.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const openssl = (args) => execFileSync('openssl', args, {stdio: ['ignore', 'ignore', 'pipe']});
export const rsa = ['rsa:2048', '-nodes'];
const curve = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

// What make.NAME gave: paths, and texts as node's TLS takes them.
function files(directory, name) {
  const path = (suffix) => join(directory, `${name}.${suffix}`);
  return {
    certificate: path('pem'), key: path('key'),
    get pem() { return readFileSync(path('pem'), 'utf8'); },
    get client() { return {cert: readFileSync(path('pem')), key: readFileSync(path('key'))}; },
  };
}

export function authority(directory, name) {
  const ca = files(directory, name);
  openssl(['req', '-x509', '-newkey', ...curve, '-days', '2', '-subj', `/CN=${name}`, '-keyout', ca.key, '-out', ca.certificate,
    '-addext', 'basicConstraints=critical,CA:true']);
  return ca;
}

// subject: "/CN=…"; extensions: lines of an openssl configuration; days: below 0 it has expired; serial: a
// number, else random.
export function certificate(directory, ca, name, {subject = `/CN=${name}`, extensions = '', days = 2, key = curve, serial} = {}) {
  const made = files(directory, name);
  const at = (suffix) => join(directory, `${name}.${suffix}`);
  writeFileSync(at('ext'), extensions);
  openssl(['req', '-newkey', ...key, '-subj', subject, '-keyout', made.key, '-out', at('csr')]);
  openssl(['x509', '-req', '-in', at('csr'), '-CA', ca.certificate, '-CAkey', ca.key, '-days', String(days),
    ...(serial ? ['-set_serial', serial] : ['-CAcreateserial']),
    '-extfile', at('ext'), '-out', made.certificate]);
  return made;
}

// A client certificate that ends in some seconds, which openssl gives by its ca command only.
export function shortLived(directory, ca, name, seconds) {
  const made = files(directory, name);
  const at = (suffix) => join(directory, `${name}.${suffix}`);
  const end = new Date(Date.now() + seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
  writeFileSync(at('index'), '');
  writeFileSync(at('conf'), `[ca]\ndefault_ca=short\n[short]\ndatabase=${at('index')}\nnew_certs_dir=${directory}\nrand_serial=yes\n`
    + 'default_md=sha256\npolicy=any\nx509_extensions=use\n[any]\ncommonName=supplied\n[use]\nextendedKeyUsage=clientAuth\n');
  openssl(['req', '-newkey', ...curve, '-subj', `/CN=${name}`, '-keyout', made.key, '-out', at('csr')]);
  openssl(['ca', '-batch', '-notext', '-config', at('conf'), '-cert', ca.certificate, '-keyfile', ca.key, '-in', at('csr'), '-enddate', end,
    '-out', made.certificate]);
  return made;
}

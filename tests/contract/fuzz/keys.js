// The small pool of ids that the fuzzer works with, so that requests meet the same objects again.

const service = (id, protocol, family, port, ...spellings) =>
  ({id, protocol, family, port, mark: protocol === 'fwm', udp: protocol === 'fwm' || protocol === 'udp', spellings});

export const services = [
  service('tcp:192.0.2.1:80', 'tcp', 4, 80, 'TCP:192.0.2.1:80', 'tcp%3A192.0.2.1%3a80'),
  service('udp:[2001:db8::1]:53', 'udp', 6, 53, 'udp:2001:db8::1:53', 'UDP:%5B2001:DB8:0::1%5D:53'),
  service('tcp:198.51.100.7:0', 'tcp', 4, 0),
  service('sctp:192.0.2.9:5060', 'sctp', 4, 5060, 'Sctp:192.0.2.9:5060'),
  service('fwm:100', 'fwm', 4, 0, 'FWM:100'),
  service('fwm6:7', 'fwm', 6, 0, 'Fwm6:7'),
];

const dest = (id, family, address, port, ...spellings) => ({id, family, address, port, spellings});

export const dests = [
  dest('10.0.0.5:80', 4, '10.0.0.5', 80),
  dest('10.0.0.5:8080', 4, '10.0.0.5', 8080),
  dest('10.0.0.6:80', 4, '10.0.0.6', 80),
  dest('10.0.0.6:5060', 4, '10.0.0.6', 5060),
  dest('10.0.0.7:0', 4, '10.0.0.7', 0),
  dest('10.0.0.7:53', 4, '10.0.0.7', 53),
  dest('[2001:db8::5]:53', 6, '2001:db8::5', 53, '2001:db8::5:53', '[2001:DB8::5]:53'),
  dest('[2001:db8::5]:80', 6, '2001:db8::5', 80, '[2001:db8:0::5]:80'),
  dest('[2001:db8::6]:0', 6, '2001:db8::6', 0),
];

export const badServices = [
  'tcp:192.0.2.1', 'tcp:192.0.2.1:080', 'tcp:127.0.0.1:80', 'tcp:224.0.0.1:80', 'icmp:192.0.2.1:80', 'fwm:0',
  'fwm:4294967296', 'tcp:[::ffff:192.0.2.1]:80', 'tcp:192.0.2.1:65536', 'tcp:0.0.0.0:80', 'tcp:[fe80::1]:80', 'x',
];
export const badDests = ['10.0.0.5', '10.0.0.5:080', '127.0.0.1:80', '[fe80::1]:80', '255.255.255.255:80', '[10.0.0.5]:80'];

function index(pool) {
  const map = new Map();
  for (const key of pool) {
    for (const spelling of [key.id, ...key.spellings])
      map.set(spelling, key);
  }
  return map;
}
// By any spelling that stands in a body, undefined when it is no id.
const byService = index(services);
const byDest = index(dests);
export const findService = (text) => byService.get(text);
export const findDest = (text) => byDest.get(text);

// What a real server needs at least to fit a service; undefined when nothing helps.
export function fitting(key, d) {
  const anyPort = key.mark || key.port === 0;
  const samePort = key.mark || d.port === key.port;
  if (d.port === 0 && !anyPort)
    return undefined;
  if (d.family !== key.family)
    return samePort ? {forward: 'tun'} : undefined;
  return samePort ? {} : {forward: 'nat'};
}

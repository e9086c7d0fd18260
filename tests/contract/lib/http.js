// A small HTTP client over a unix socket, TCP or TLS, with connections that stay open.
import http from 'node:http';
import https from 'node:https';

// where: a socket's path, or HOST:PORT. with: token (bearer), tls (node's own options: ca, cert, …).
export function client(where, {token, tls} = {}) {
  const protocol = tls ? https : http;
  const agent = new protocol.Agent({keepAlive: true, maxSockets: 16, ...tls});
  const target = where.startsWith('/') ? {socketPath: where}
    : {host: where.slice(0, where.lastIndexOf(':')), port: Number(where.slice(where.lastIndexOf(':') + 1))};
  const request = (method, path, {headers = {}, body} = {}) => new Promise((resolve, reject) => {
    const text = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body
      : JSON.stringify(body);
    const all = {host: 'localhost', ...(token ? {authorization: `Bearer ${token}`} : {}), ...headers};
    if (text !== undefined) {
      all['content-length'] = Buffer.byteLength(text);
      if (!('content-type' in all))
        all['content-type'] = 'application/json';
      if (all['content-type'] === null)
        delete all['content-type'];
    }
    const outgoing = protocol.request({...target, agent, method, path, headers: all, setHost: false}, (incoming) => {
      const pieces = [];
      incoming.on('data', (piece) => pieces.push(piece));
      incoming.on('end', () => resolve(answer(incoming, Buffer.concat(pieces).toString())));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
  request.close = () => agent.destroy();
  return request;
}

function answer(incoming, text) {
  const type = (incoming.headers['content-type'] ?? '').split(';')[0].trim();
  const result = {status: incoming.statusCode, headers: incoming.headers, type, text};
  if (/[/+]json$/.test(type)) {
    try {
      result.json = JSON.parse(text);
    } catch (error) {
      result.broken = String(error);
    }
  }
  return result;
}

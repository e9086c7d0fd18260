// The life of a service, by a client generated from the OpenAPI document. Prints TAP.
import createClient from 'openapi-fetch';
import {Agent, fetch as undiciFetch} from 'undici';
import type {components, paths} from './schema.js';

type Service = components['schemas']['Service'];
type ServiceInput = components['schemas']['ServiceInput'];

const dispatcher = process.env.LVSD_URL ? new Agent()
  : new Agent({connect: {socketPath: process.env.LVSD_SOCKET ?? '/run/lvsd/admin.sock'}});
const lvsd = createClient<paths>({
  baseUrl: process.env.LVSD_URL ?? 'http://localhost',
  fetch: async (request: Request) => {
    const body = request.body ? await request.text() : undefined;
    const headers = Object.fromEntries(request.headers.entries());
    const answer = await undiciFetch(request.url, {method: request.method, headers, body, dispatcher});
    return answer as unknown as Response;
  },
});

let count = 0;
let failed = 0;

function is(what: string, want: unknown, got: unknown): void {
  count += 1;
  const good = JSON.stringify(want) === JSON.stringify(got);
  console.log(`${good ? 'ok' : 'not ok'} ${count} - typescript: ${what}`);
  if (!good) {
    failed += 1;
    console.log(`#   ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
  }
}

const condition = (service: Service | undefined, type: string) =>
  service?.status.conditions.find((c) => c.type === type);

const path = {service: 'tcp:192.0.2.10:80'};
const server = {...path, realServer: '192.0.2.11:80'};
const patch = {'Content-Type': 'application/merge-patch+json'};
const wanted: ServiceInput = {
  scheduler: 'rr', metadata: {labels: {app: 'web'}},
  realServers: {'192.0.2.11:80': {}, '192.0.2.12:80': {weight: 3}},
};

async function make(): Promise<string> {
  const made = await lvsd.PUT('/v1/services/{service}', {params: {path, header: {'If-None-Match': '*'}}, body: wanted});
  const etag = made.response.headers.get('ETag') ?? '';
  is('a service is made', 201, made.response.status);
  is('where it is', '/v1/services/tcp:192.0.2.10:80', made.response.headers.get('Location'));
  is('its weight', 3, made.data?.realServers['192.0.2.12:80']?.weight);
  is('the kernel has it', 'True', condition(made.data, 'Programmed')?.status);
  const again = await lvsd.PUT('/v1/services/{service}', {params: {path}, body: wanted});
  is('the same again changes nothing', [200, etag], [again.response.status, again.response.headers.get('ETag')]);
  return etag;
}

async function change(etag: string): Promise<void> {
  const changed = await lvsd.PATCH('/v1/services/{service}', {
    params: {path, header: {'If-Match': etag}}, headers: patch, body: {scheduler: 'wrr', realServers: {'192.0.2.12:80': null}},
  });
  is('a merge patch', [200, 'wrr', ['192.0.2.11:80']],
    [changed.response.status, changed.data?.scheduler, Object.keys(changed.data?.realServers ?? {})]);
  const late = await lvsd.PATCH('/v1/services/{service}', {
    params: {path, header: {'If-Match': etag}}, headers: patch, body: {scheduler: 'sh'},
  });
  is('by the old ETag it is refused', [412, 'precondition_failed'], [late.response.status, late.error?.code]);
  const weight = await lvsd.PUT('/v1/services/{service}/real-servers/{realServer}/weight', {params: {path: server}, body: {weight: 0}});
  is('no new connections', [200, 0], [weight.response.status, weight.data?.weight]);
  const read = await lvsd.GET('/v1/services/{service}', {params: {path}});
  is('degraded', 'NoUsableRealServer', condition(read.data, 'Degraded')?.reason);
  const replaced = await lvsd.PUT('/v1/services/{service}/real-servers/{realServer}', {
    params: {path: server}, body: {weight: 5, upperThreshold: 1000},
  });
  is('the real server is replaced', [200, 1000], [replaced.response.status, replaced.data?.upperThreshold]);
  const whole = await lvsd.GET('/v1/services/{service}', {params: {path}});
  const edited = await lvsd.PUT('/v1/services/{service}', {params: {path}, body: {...whole.data, scheduler: 'wlc'}});
  is('read, edited and sent back whole', [200, 'wlc', 5],
    [edited.response.status, edited.data?.scheduler, edited.data?.realServers['192.0.2.11:80']?.weight]);
}

async function look(): Promise<void> {
  const list = await lvsd.GET('/v1/services', {params: {query: {label: 'app=web', include: 'stats'}}});
  is('a list by label', ['tcp:192.0.2.10:80'], list.data?.items.map((s) => s.id));
  is('its counters', 0, list.data?.items[0]?.stats?.connections);
  is('nothing to do', [], (await lvsd.GET('/v1/diff')).data?.items);
  const state = await lvsd.GET('/v1/state');
  is('it is ours', true, state.data?.services['tcp:192.0.2.10:80']?.status.managed);
  const config = await lvsd.GET('/v1/config');
  const etag = config.response.headers.get('ETag') ?? '';
  const back = await lvsd.PUT('/v1/config', {params: {header: {'If-Match': etag}}, body: config.data ?? {}});
  is('the configuration is sent back as it is', [200, etag], [back.response.status, back.response.headers.get('ETag')]);
  const rehearsed = await lvsd.DELETE('/v1/services/{service}', {params: {path, query: {dryRun: true}}});
  is('a rehearsal', ['delete service'], rehearsed.data?.status.plan?.operations.map((o) => `${o.op} ${o.kind}`));
  const bad = await lvsd.PUT('/v1/services/{service}', {params: {path}, body: {realServers: {'192.0.2.11:81': {}}}});
  is('nonsense is refused', [422, '/realServers/192.0.2.11:81'], [bad.response.status, bad.error?.errors?.[0]?.pointer]);
}

async function six(): Promise<void> {
  const at = {service: 'udp:[2001:db8::10]:53'};
  const made = await lvsd.PUT('/v1/services/{service}', {
    params: {path: at, query: {owner: 'dns'}}, body: {onePacket: true, realServers: {'[2001:db8::11]:53': {}}},
  });
  is('IPv6', 201, made.response.status);
  const refused = await lvsd.DELETE('/v1/services/{service}', {params: {path: at}});
  is('another owner\'s', [409, 'owner_conflict'], [refused.response.status, refused.error?.code]);
  const gone = await lvsd.DELETE('/v1/services/{service}', {params: {path: at, query: {owner: 'dns'}}});
  is('it is deleted by its owner', 204, gone.response.status);
}

async function end(): Promise<void> {
  const one = await lvsd.DELETE('/v1/services/{service}/real-servers/{realServer}', {params: {path: server}});
  is('the real server is deleted', 204, one.response.status);
  const all = await lvsd.DELETE('/v1/services/{service}', {params: {path}});
  is('the service is deleted', 204, all.response.status);
  const gone = await lvsd.GET('/v1/services/{service}', {params: {path}});
  is('and gone', [404, 'not_found'], [gone.response.status, gone.error?.code]);
}

await lvsd.DELETE('/v1/services/{service}', {params: {path, query: {force: true, ignoreAbsent: true}}});
await change(await make());
await look();
await six();
await end();
console.log(`1..${count}`);
process.exitCode = failed ? 1 : 0;
await dispatcher.close();

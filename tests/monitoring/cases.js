// What each alert of packaging/monitoring/lvsd.rules.yml is tested with: series in promtool's notation, a
// moment at which it is silent, one at which it fires, and with which summary. And what must not fire at
// all. rules.js makes a test file for promtool of it.

// The selector of a series, of the director d1 unless labels say otherwise.
const s = (name, labels = {}) => `${name}{${Object.entries({instance: 'd1', job: 'lvsd', ...labels}).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join()}}`;
const condition = (type) => s('lvsd_condition', {type});
const requests = (status, labels = {}) => s('lvsd_http_requests_total', {method: 'GET', route: '/v1', status, ...labels});

const WEB = {service: 'tcp:192.0.2.1:80', protocol: 'tcp', address: '192.0.2.1', port: '80'};
const DNS = {service: 'udp:192.0.2.1:53', protocol: 'udp', address: '192.0.2.1', port: '53'};
const of = (service, realServer) => ({...service, real_server: realServer});

// silent and fires are minutes after the start. labels: of the alert beside job and instance.
export const firing = [
  {alert: 'LvsdDown', series: {[s('up')]: '1 0x20'}, silent: 2, fires: 3, summary: 'lvsd on d1 does not answer'},
  {alert: 'LvsdRestarts', series: {[s('process_start_time_seconds')]: '100x3 200x3 300x3 400x20'}, silent: 10, fires: 12,
    summary: 'lvsd on d1 started 3 times in a quarter of an hour'},
  {alert: 'LvsdStateNotDurable', series: {[condition('StateDurable')]: '1 0x9'}, silent: 1, fires: 2, labels: {type: 'StateDurable'},
    summary: 'lvsd on d1 cannot store changes'},
  // Each minute ten writes of 0.2 seconds.
  {alert: 'LvsdStoreSlow', series: {[s('lvsd_store_commit_duration_seconds_sum')]: '0+2x30', [s('lvsd_store_commit_duration_seconds_count')]: '0+10x30'},
    silent: 9, fires: 14, summary: 'The store of lvsd on d1 takes 200ms for a write'},
  {alert: 'LvsdSlowTurn', series: {[s('lvsd_longest_turn_seconds')]: '0.01x9 2x40'}, silent: 9, fires: 10,
    summary: 'lvsd on d1 was busy for 2s without a break'},
  {alert: 'LvsdInternalError', series: {[requests('500')]: '_x5 1x90'}, silent: 4, fires: 6, summary: 'lvsd on d1 answered with an internal error'},
  {alert: 'LvsdInternalError', series: {[requests('500')]: '1x99 2x90'}, silent: 99, fires: 101, summary: 'lvsd on d1 answered with an internal error'},
  {alert: 'LvsdOverloaded', series: {[requests('429')]: '0+2x30', [requests('429', {method: 'PUT'})]: '0+2x30'}, silent: 6, fires: 20,
    summary: 'lvsd on d1 sends clients away, 40 times in ten minutes'},
  {alert: 'LvsdRefusedLogins', series: {[requests('401', {method: 'none', route: 'none'})]: '0x9 0+3x30'}, silent: 12, fires: 25,
    summary: 'lvsd on d1 refused 30 logins in ten minutes'},
  {alert: 'LvsdDescriptors', series: {[s('process_open_fds')]: '10 900x20', [s('process_max_fds')]: '1000x20'}, silent: 10, fires: 11,
    summary: 'lvsd on d1 has 90% of its file descriptors open'},
  {alert: 'LvsdCountersStale', series: {[s('lvsd_real_server_cache_age_seconds')]: '3 400x30'}, silent: 15, fires: 16,
    summary: 'The counters of real servers on d1 are 6m 40s old'},
  {alert: 'LvsdKernelNotReady', series: {[condition('KernelReady')]: '1 0x20', [s('lvsd_services')]: '2x20'}, silent: 2, fires: 3,
    labels: {type: 'KernelReady'}, summary: 'lvsd on d1 cannot talk to IPVS'},
  {alert: 'LvsdKernelErrors', series: {[s('lvsd_netlink_errors_total')]: '0+1x40', [condition('KernelReady')]: '1x40', [s('lvsd_services')]: '2x40'},
    silent: 13, fires: 20, summary: 'IPVS on d1 did not answer 10 times in ten minutes'},
  {alert: 'LvsdNotInSync', series: {[condition('InSync')]: '1 0x20', [condition('KernelReady')]: '1x20', [s('lvsd_services')]: '2x20', [s('lvsd_failing_services')]: '0x20'},
    silent: 5, fires: 6, labels: {type: 'InSync'}, summary: 'd1 is not as it was declared'},
  // No services, yet IPVS may not be used: lvsd cannot know what is there.
  {alert: 'LvsdNotInSync', series: {[condition('InSync')]: '1 0x20', [condition('KernelReady')]: '0x20', [s('lvsd_services')]: '0x20', [s('lvsd_failing_services')]: '0x20'},
    silent: 5, fires: 6, labels: {type: 'InSync'}, summary: 'd1 is not as it was declared'},
  {alert: 'LvsdServicesFailing', series: {[s('lvsd_failing_services')]: '0 2x20'}, silent: 5, fires: 6, summary: 'The kernel of d1 refuses 2 services'},
  // The last pass ended at 60 s; the limit is 3 × (30 s + 2 s) + 60 s = 156 s.
  {alert: 'LvsdNoFullPass', series: {[s('lvsd_last_pass_timestamp_seconds')]: '60x30', [s('lvsd_last_pass_duration_seconds')]: '2x30',
    [s('lvsd_resync_interval_seconds')]: '30x30', [condition('KernelReady')]: '1x30'}, silent: 5, fires: 6,
    summary: 'lvsd on d1 has not compared its kernel for 5m 0s'},
  {alert: 'LvsdDrift', series: {[s('lvsd_drift_found_total')]: '0x9 0+1x3 3x20'}, silent: 9, fires: 14,
    summary: 'Somebody else changed 3 services of lvsd on d1'},
  {alert: 'LvsdContested', series: {[condition('Contested')]: '0 1x20'}, silent: 5, fires: 6, labels: {type: 'Contested'},
    summary: 'Another program on d1 keeps changing back what lvsd sets'},
  {alert: 'LvsdContested', series: {[s('lvsd_drift_found_total')]: '0+6x40'}, silent: 6, fires: 12,
    summary: 'Another program on d1 keeps changing back what lvsd sets'},
  {alert: 'LvsdForeignServices', series: {[s('lvsd_foreign_services')]: '0 3x90'}, silent: 60, fires: 61,
    summary: 'The kernel of d1 has 3 services that are not lvsd\'s'},
  {alert: 'LvsdServiceWithoutRealServer', series: {[s('lvsd_service_usable_real_servers', WEB)]: '1 0x9', [s('lvsd_service_usable_real_servers', DNS)]: '1x9'},
    silent: 1, fires: 2, labels: WEB, summary: 'tcp:192.0.2.1:80 on d1 has nobody to send clients to'},
  {alert: 'LvsdServiceLastRealServer', series: {[s('lvsd_service_usable_real_servers', WEB)]: '2 1x30', [s('lvsd_service_real_servers', WEB)]: '2x30'},
    silent: 15, fires: 16, labels: WEB, summary: 'tcp:192.0.2.1:80 on d1 is down to one real server'},
  {alert: 'LvsdServiceNotInKernel', series: {[s('lvsd_service_real_servers', WEB)]: '2x20', [s('lvsd_service_real_servers', DNS)]: '2x20',
    [s('lvsd_service_connections_total', WEB)]: '5 stale _x20', [s('lvsd_service_connections_total', DNS)]: '5x20', [condition('KernelReady')]: '1x20'},
    silent: 5, fires: 6, labels: WEB, summary: 'tcp:192.0.2.1:80 is declared on d1 and not in its kernel'},
  // Two a second for an hour, then none.
  {alert: 'LvsdServiceSilent', series: {[s('lvsd_service_connections_total', WEB)]: '0+120x60 7200x60', [s('lvsd_service_connections_total', DNS)]: '0+120x120'},
    silent: 73, fires: 79, labels: WEB, summary: 'tcp:192.0.2.1:80 on d1 gets no more connections'},
  {alert: 'LvsdRealServerSilent', series: {
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.5:80'))]: '0+50x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.5:80'))]: '0+50x40',
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.6:80'))]: '0+50x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.6:80'))]: '0+50x9 450x40'},
    silent: 20, fires: 26, labels: of(WEB, '10.0.0.6:80'), summary: 'Real server 10.0.0.6:80 of tcp:192.0.2.1:80 gets packets and answers none'},
];

// A moment at which alerts are silent, although these series look like trouble.
export const quiet = [
  {what: 'two restarts', at: 12, alerts: ['LvsdRestarts'], series: {[s('process_start_time_seconds')]: '100x3 200x3 300x20'}},
  {what: 'a store without writes', at: 20, alerts: ['LvsdStoreSlow'],
    series: {[s('lvsd_store_commit_duration_seconds_sum')]: '9x30', [s('lvsd_store_commit_duration_seconds_count')]: '9x30'}},
  {what: 'a slow turn long ago', at: 40, alerts: ['LvsdSlowTurn'], series: {[s('lvsd_longest_turn_seconds')]: '2x60'}},
  {what: 'an internal error long ago', at: 100, alerts: ['LvsdInternalError'], series: {[requests('500')]: '1x120'}},
  {what: 'a few clients sent away or refused', at: 20, alerts: ['LvsdOverloaded', 'LvsdRefusedLogins'],
    series: {[requests('429')]: '0x9 5x30', [requests('401')]: '0x9 9x30'}},
  {what: 'descriptors of other programs', at: 20, alerts: ['LvsdDescriptors', 'LvsdRestarts'],
    series: {[s('process_open_fds', {job: 'node'})]: '99x20', [s('process_max_fds', {job: 'node'})]: '100x20', [s('process_start_time_seconds', {job: 'node'})]: '0+1x20'}},
  {what: 'a real server whose kernel has no IPVS', at: 60,
    alerts: ['LvsdKernelNotReady', 'LvsdKernelErrors', 'LvsdNotInSync', 'LvsdNoFullPass', 'LvsdServiceNotInKernel', 'LvsdForeignServices'],
    series: {[condition('KernelReady')]: '0x90', [condition('InSync')]: '1x90', [condition('StateDurable')]: '1x90', [condition('Contested')]: '0x90', [s('lvsd_services')]: '0x90',
      [s('lvsd_failing_services')]: '0x90', [s('lvsd_foreign_services')]: '0x90', [s('lvsd_netlink_errors_total')]: '0+6x90',
      [s('lvsd_last_pass_timestamp_seconds')]: '0x90', [s('lvsd_last_pass_duration_seconds')]: '0x90', [s('lvsd_resync_interval_seconds')]: '30x90'}},
  {what: 'what a kernel that is not ready explains', at: 30, alerts: ['LvsdNotInSync', 'LvsdNoFullPass', 'LvsdServiceNotInKernel', 'LvsdKernelErrors'],
    series: {[condition('KernelReady')]: '0x30', [condition('InSync')]: '0x30', [s('lvsd_services')]: '2x30', [s('lvsd_failing_services')]: '0x30',
      [s('lvsd_netlink_errors_total')]: '0+6x30', [s('lvsd_last_pass_timestamp_seconds')]: '60x30', [s('lvsd_last_pass_duration_seconds')]: '1x30',
      [s('lvsd_resync_interval_seconds')]: '30x30', [s('lvsd_service_real_servers', WEB)]: '2x30'}},
  {what: 'what failing services explain', at: 30, alerts: ['LvsdNotInSync'],
    series: {[condition('InSync')]: '0x30', [condition('KernelReady')]: '1x30', [s('lvsd_services')]: '2x30', [s('lvsd_failing_services')]: '1x30'}},
  {what: 'a long interval', at: 30, alerts: ['LvsdNoFullPass'],
    series: {[s('lvsd_last_pass_timestamp_seconds')]: '60x30', [s('lvsd_last_pass_duration_seconds')]: '2x30', [s('lvsd_resync_interval_seconds')]: '3600x30',
      [condition('KernelReady')]: '1x30'}},
  {what: 'drift long ago', at: 30, alerts: ['LvsdDrift', 'LvsdContested'], series: {[s('lvsd_drift_found_total')]: '0 50x40', [condition('Contested')]: '0x40'}},
  {what: 'foreign services that came and went', at: 80, alerts: ['LvsdForeignServices'], series: {[s('lvsd_foreign_services')]: '1x50 0x50'}},
  {what: 'a service of one real server', at: 30, alerts: ['LvsdServiceLastRealServer', 'LvsdServiceWithoutRealServer'],
    series: {[s('lvsd_service_usable_real_servers', WEB)]: '1x30', [s('lvsd_service_real_servers', WEB)]: '1x30'}},
  {what: 'a service that never had many connections', at: 110, alerts: ['LvsdServiceSilent'], series: {[s('lvsd_service_connections_total', WEB)]: '0+12x60 720x60'}},
  {what: 'direct routing, where answers do not come by', at: 30, alerts: ['LvsdRealServerSilent'], series: {
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.5:80'))]: '0+50x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.5:80'))]: '0x40',
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.6:80'))]: '0+50x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.6:80'))]: '0x40'}},
  {what: 'a real server without clients', at: 30, alerts: ['LvsdRealServerSilent'], series: {
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.5:80'))]: '0+50x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.5:80'))]: '0+50x40',
    [s('lvsd_real_server_incoming_packets_total', of(WEB, '10.0.0.6:80'))]: '7x40', [s('lvsd_real_server_outgoing_packets_total', of(WEB, '10.0.0.6:80'))]: '7x40'}},
];

// What the recording rules have to yield: [expression, minute, series, {labels: value}].
export const recorded = [
  ['service:lvsd_service_connections:rate5m', 10, {[s('lvsd_service_connections_total', WEB)]: '0+120x20'}, [[{...WEB}, 2]]],
  ['service:lvsd_service_incoming_bytes:rate5m', 10, {[s('lvsd_service_incoming_bytes_total', WEB)]: '0+60x20'}, [[{...WEB}, 1]]],
  ['service:lvsd_service_outgoing_bytes:rate5m', 10, {[s('lvsd_service_outgoing_bytes_total', WEB)]: '0+60x20'}, [[{...WEB}, 1]]],
  ['instance:lvsd_service_connections:rate5m', 10,
    {[s('lvsd_service_connections_total', WEB)]: '0+120x20', [s('lvsd_service_connections_total', DNS)]: '0+60x20'}, [[{}, 3]]],
  ['instance:lvsd_service_incoming_bytes:rate5m', 10,
    {[s('lvsd_service_incoming_bytes_total', WEB)]: '0+120x20', [s('lvsd_service_incoming_bytes_total', DNS)]: '0+60x20'}, [[{}, 3]]],
  ['instance:lvsd_service_active_connections:sum', 1, {[s('lvsd_service_active_connections', WEB)]: '4x9', [s('lvsd_service_active_connections', DNS)]: '5x9'}, [[{}, 9]]],
  ['instance:lvsd_http_requests:rate5m', 10, {[requests('200')]: '0+60x20', [requests('200', {method: 'PUT'})]: '0+60x20', [requests('404')]: '0+60x20'},
    [[{status: '200'}, 2], [{status: '404'}, 1]]],
  ['instance:lvsd_store_commit_duration_seconds:mean5m', 10,
    {[s('lvsd_store_commit_duration_seconds_sum')]: '0+3x20', [s('lvsd_store_commit_duration_seconds_count')]: '0+6x20'}, [[{}, 0.5]]],
];

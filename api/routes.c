/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE route table: every URL that the daemon answers. A new route is one row and a handler. */
#include "handlers.h"

static const char *const include_params[] = { "include", NULL };
static const char *const list_params[] = { "protocol",	"address", "port",  "owner",	"label",
					   "condition", "include", "limit", "continue", NULL };
static const char *const verbose[] = { "verbose", NULL };
static const char *const dry_run[] = { "dryRun", NULL };
static const char *const write_params[] = { "owner", "force", "wait", "dryRun", NULL };
static const char *const delete_params[] = { "owner",  "force",	       "wait",
					     "dryRun", "ignoreAbsent", NULL };
static const char *const adopt_params[] = { "owner",  "force",		 "wait", "adopt",
					    "dryRun", "allowMassDelete", NULL };
static const char *const declared_list_params[] = { "owner", "label", "limit", "continue", NULL };
static const char *const connection_params[] = { "service", "client",	"realServer", "state",
						 "limit",   "continue", NULL };
static const char *const vip_params[] = { "owner", "force", "wait", "adopt", "dryRun", NULL };
static const char *const weight_params[] = { "owner", "wait", "dryRun", NULL };
static const char *const policy_params[] = { "wait", "dryRun", NULL };
static const char *const plan_params[] = { "patch", "owner", "force", "adopt", NULL };
static const char *const reconcile_params[] = { "wait", "dryRun", "allowMassDelete", NULL };

static const char *const export_params[] = { "source", NULL };
static const char *const import_params[] = { "mode",  "names",	"owner",	   "force", "wait",
					     "adopt", "dryRun", "allowMassDelete", NULL };

#define SERVICE	    "/v1/services/{service}"
#define REAL_SERVER SERVICE "/real-servers/{realServer}"

#define VIP		 "/v1/vips/{vip}"
#define SYSCTL		 "/v1/sysctls/{sysctl}"
#define REAL_SERVER_ROLE "/v1/roles/real-server"
#define DIRECTOR_ROLE	 "/v1/roles/director"

#define SYNC_MASTER "/v1/sync/master"
#define SYNC_BACKUP "/v1/sync/backup"

#define ROW(verb, who, what, url, fn, params, op, text)                                            \
	{                                                                                          \
		.method = HTTP_##verb, .role = ROLE_##who, .body = BODY_##what, .path = url,       \
		.handle = fn, .query = params, .operation = op, .summary = text                    \
	}

/* One that answers with text. */
#define TEXT(verb, who, what, url, fn, params, op, line)                                           \
	{                                                                                          \
		.method = HTTP_##verb, .role = ROLE_##who, .body = BODY_##what, .path = url,       \
		.handle = fn, .query = params, .operation = op, .summary = line, .text = true      \
	}

const struct route api_routes[] = {
	ROW(GET, READER, NONE, "/v1", handle_index, NULL, "getIndex",
	    "Index: links, versions and the agent's conditions."),
	ROW(GET, READER, NONE, "/v1/config", handle_config_get, NULL, "getConfig",
	    "The desired state as one document."),
	ROW(PUT, ADMIN, DOCUMENT, "/v1/config", handle_config_write, adopt_params, "putConfig",
	    "Replace the desired state."),
	ROW(PATCH, ADMIN, DOCUMENT, "/v1/config", handle_config_write, adopt_params, "patchConfig",
	    "Change the desired state by a merge patch."),
	ROW(GET, READER, NONE, "/v1/services", handle_services, list_params, "listServices",
	    "All services."),
	ROW(GET, READER, NONE, SERVICE, handle_service_get, include_params, "getService",
	    "One service."),
	ROW(PUT, ADMIN, DOCUMENT, SERVICE, handle_service_write, adopt_params, "putService",
	    "Create or replace a service."),
	ROW(PATCH, ADMIN, DOCUMENT, SERVICE, handle_service_write, adopt_params, "patchService",
	    "Change members of a service by a merge patch."),
	ROW(DELETE, ADMIN, NONE, SERVICE, handle_service_delete, delete_params, "deleteService",
	    "Remove a service with its real servers."),
	ROW(GET, READER, NONE, SERVICE "/real-servers", handle_real_servers, include_params,
	    "listRealServers", "The real servers of a service."),
	ROW(GET, READER, NONE, REAL_SERVER, handle_real_server_get, include_params, "getRealServer",
	    "One real server."),
	ROW(PUT, ADMIN, OBJECT, REAL_SERVER, handle_real_server_write, write_params,
	    "putRealServer", "Create or replace a real server."),
	ROW(PATCH, ADMIN, OBJECT, REAL_SERVER, handle_real_server_write, write_params,
	    "patchRealServer", "Change members of a real server by a merge patch."),
	ROW(DELETE, ADMIN, NONE, REAL_SERVER, handle_real_server_delete, delete_params,
	    "deleteRealServer", "Remove a real server."),
	ROW(GET, READER, NONE, REAL_SERVER "/weight", handle_weight_get, NULL, "getWeight",
	    "The configured weight of a real server."),
	ROW(PUT, OPERATOR, OBJECT, REAL_SERVER "/weight", handle_weight_put, weight_params,
	    "putWeight", "Set the weight of a real server."),
	ROW(GET, READER, NONE, SERVICE "/stats", handle_service_stats, NULL, "getServiceStats",
	    "The counters of a service and its real servers."),
	ROW(POST, OPERATOR, NONE, SERVICE "/stats/zero", handle_service_zero, dry_run,
	    "zeroServiceStats", "Set the counters of a service and its real servers to zero."),
	ROW(GET, READER, NONE, "/v1/stats", handle_stats, NULL, "getStats",
	    "The counters of all services together."),
	ROW(POST, OPERATOR, NONE, "/v1/stats/zero", handle_zero, dry_run, "zeroStats",
	    "Set the counters of all services to zero."),
	ROW(GET, READER, NONE, "/v1/vips", handle_vips, declared_list_params, "listVips",
	    "All VIPs."),
	ROW(GET, READER, NONE, VIP, handle_declared_get, NULL, "getVip", "One VIP."),
	ROW(PUT, ADMIN, OBJECT, VIP, handle_declared_write, vip_params, "putVip",
	    "Create or replace a VIP."),
	ROW(PATCH, ADMIN, OBJECT, VIP, handle_declared_write, vip_params, "patchVip",
	    "Change members of a VIP by a merge patch."),
	ROW(DELETE, ADMIN, NONE, VIP, handle_declared_delete, delete_params, "deleteVip",
	    "Remove a VIP."),
	ROW(POST, OPERATOR, NONE, VIP "/announce", handle_vip_announce, NULL, "announceVip",
	    "Announce a VIP to its neighbours now."),
	ROW(GET, READER, NONE, REAL_SERVER_ROLE, handle_declared_get, NULL, "getRealServerRole",
	    "The role of real server."),
	ROW(PUT, ADMIN, DOCUMENT, REAL_SERVER_ROLE, handle_declared_write, vip_params,
	    "putRealServerRole", "Make this host a real server, or change what it is as one."),
	ROW(PATCH, ADMIN, DOCUMENT, REAL_SERVER_ROLE, handle_declared_write, vip_params,
	    "patchRealServerRole", "Change members of the role of real server by a merge patch."),
	ROW(DELETE, ADMIN, NONE, REAL_SERVER_ROLE, handle_declared_delete, delete_params,
	    "deleteRealServerRole", "Undo what the role of real server did."),
	ROW(GET, READER, NONE, DIRECTOR_ROLE, handle_declared_get, NULL, "getDirectorRole",
	    "The role of director."),
	ROW(PUT, ADMIN, OBJECT, DIRECTOR_ROLE, handle_declared_write, write_params,
	    "putDirectorRole", "Make this host a director, or change what it is as one."),
	ROW(PATCH, ADMIN, OBJECT, DIRECTOR_ROLE, handle_declared_write, write_params,
	    "patchDirectorRole", "Change members of the role of director by a merge patch."),
	ROW(DELETE, ADMIN, NONE, DIRECTOR_ROLE, handle_declared_delete, delete_params,
	    "deleteDirectorRole", "Undo what the role of director did."),
	ROW(GET, READER, NONE, "/v1/sysctls", handle_sysctls, declared_list_params, "listSysctls",
	    "All declared kernel variables."),
	ROW(GET, READER, NONE, SYSCTL, handle_declared_get, NULL, "getSysctl",
	    "One declared kernel variable."),
	ROW(PUT, ADMIN, OBJECT, SYSCTL, handle_declared_write, write_params, "putSysctl",
	    "Declare the value of a kernel variable."),
	ROW(PATCH, ADMIN, OBJECT, SYSCTL, handle_declared_write, write_params, "patchSysctl",
	    "Change members of a declared kernel variable by a merge patch."),
	ROW(DELETE, ADMIN, NONE, SYSCTL, handle_declared_delete, delete_params, "deleteSysctl",
	    "Put a kernel variable back to what it was."),
	ROW(GET, READER, NONE, SYNC_MASTER, handle_declared_get, NULL, "getSyncMaster",
	    "The sync daemon that tells of connections."),
	ROW(PUT, ADMIN, OBJECT, SYNC_MASTER, handle_declared_write, vip_params, "putSyncMaster",
	    "Tell other directors of connections, or do it otherwise."),
	ROW(PATCH, ADMIN, OBJECT, SYNC_MASTER, handle_declared_write, vip_params, "patchSyncMaster",
	    "Change members of the sync master by a merge patch."),
	ROW(DELETE, ADMIN, NONE, SYNC_MASTER, handle_declared_delete, delete_params,
	    "deleteSyncMaster", "Stop the sync master."),
	ROW(GET, READER, NONE, SYNC_BACKUP, handle_declared_get, NULL, "getSyncBackup",
	    "The sync daemon that listens for connections."),
	ROW(PUT, ADMIN, OBJECT, SYNC_BACKUP, handle_declared_write, vip_params, "putSyncBackup",
	    "Take over connections of other directors, or do it otherwise."),
	ROW(PATCH, ADMIN, OBJECT, SYNC_BACKUP, handle_declared_write, vip_params, "patchSyncBackup",
	    "Change members of the sync backup by a merge patch."),
	ROW(DELETE, ADMIN, NONE, SYNC_BACKUP, handle_declared_delete, delete_params,
	    "deleteSyncBackup", "Stop the sync backup."),
	{
		.method = HTTP_GET,
		.role = ROLE_READER,
		.body = BODY_NONE,
		.path = "/v1/connections",
		.handle = handle_connections,
		.query = connection_params,
		.operation = "listConnections",
		.summary = "The connections that pass through this director.",
		.lines = true,
	},
	ROW(GET, READER, NONE, "/v1/state", handle_state, NULL, "getState",
	    "What the kernel holds now."),
	ROW(GET, READER, NONE, "/v1/diff", handle_diff, NULL, "getDiff",
	    "What a pass would do now."),
	ROW(POST, OPERATOR, DOCUMENT, "/v1/plan", handle_plan, plan_params, "plan",
	    "What a candidate configuration would change, without changing it."),
	ROW(POST, ADMIN, OBJECT, "/v1/adopt", handle_adopt, write_params, "adopt",
	    "Make foreign services and addresses managed ones, as they are."),
	TEXT(GET, READER, NONE, "/v1/export/ipvsadm", handle_export_ipvsadm, export_params,
	     "exportIpvsadm", "The services as the text of ipvsadm -S -n."),
	ROW(POST, ADMIN, TEXT, "/v1/import/ipvsadm", handle_import_ipvsadm, import_params,
	    "importIpvsadm", "Declare the services of a text of ipvsadm -S."),
	ROW(GET, READER, NONE, "/v1/capabilities", handle_capabilities, NULL, "getCapabilities",
	    "What this kernel and this program can do."),
	ROW(GET, READER, NONE, "/v1/policy", handle_policy_get, NULL, "getPolicy", "The policy."),
	ROW(PUT, ADMIN, OBJECT, "/v1/policy", handle_policy_write, policy_params, "putPolicy",
	    "Replace the policy."),
	ROW(PATCH, ADMIN, OBJECT, "/v1/policy", handle_policy_write, policy_params, "patchPolicy",
	    "Change members of the policy by a merge patch."),
	ROW(DELETE, ADMIN, NONE, "/v1/policy", handle_policy_write, policy_params, "deletePolicy",
	    "Back to the default policy."),
	ROW(POST, OPERATOR, NONE, "/v1/reconcile", handle_reconcile, reconcile_params, "reconcile",
	    "Run a full pass now."),
	ROW(GET, READER, NONE, "/v1/problems", handle_problems, NULL, "listProblems",
	    "All error codes."),
	ROW(GET, READER, NONE, "/v1/problems/{code}", handle_problem_get, NULL, "getProblem",
	    "What an error code means."),
	ROW(GET, READER, NONE, "/openapi.json", handle_openapi, NULL, "getOpenApi",
	    "This API as an OpenAPI document."),
	ROW(GET, READER, NONE, "/metrics", handle_metrics, NULL, "getMetrics",
	    "Metrics for Prometheus."),
	ROW(GET, READER, NONE, "/version", handle_version, NULL, "getVersion", "Versions."),
	ROW(GET, READER, NONE, "/livez", handle_livez, NULL, "getLivez", "Is the daemon alive?"),
	ROW(GET, READER, NONE, "/readyz", handle_readyz, verbose, "getReadyz",
	    "Does the daemon keep the kernel as declared?"),
};

const size_t api_n_routes = sizeof(api_routes) / sizeof(api_routes[0]);

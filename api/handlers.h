/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function per route; routes.c ties them to their URLs. */
#pragma once

#include "api.h"

/* handlers_agent.c */
bool handle_index(struct api *api, struct request *req, struct response *resp);
bool handle_openapi(struct api *api, struct request *req, struct response *resp);
bool handle_version(struct api *api, struct request *req, struct response *resp);
bool handle_livez(struct api *api, struct request *req, struct response *resp);
bool handle_readyz(struct api *api, struct request *req, struct response *resp);

/* handlers_config.c */
bool handle_config_get(struct api *api, struct request *req, struct response *resp);
bool handle_config_write(struct api *api, struct request *req, struct response *resp);

/* handlers_policy.c */
bool handle_policy_get(struct api *api, struct request *req, struct response *resp);
bool handle_policy_write(struct api *api, struct request *req, struct response *resp);

/* handlers_problems.c */
bool handle_problems(struct api *api, struct request *req, struct response *resp);
bool handle_problem_get(struct api *api, struct request *req, struct response *resp);

/* handlers_plan.c */
bool handle_diff(struct api *api, struct request *req, struct response *resp);
bool handle_plan(struct api *api, struct request *req, struct response *resp);

/* handlers_kernel.c */
bool handle_state(struct api *api, struct request *req, struct response *resp);
bool handle_reconcile(struct api *api, struct request *req, struct response *resp);

/* handlers_capabilities.c */
bool handle_capabilities(struct api *api, struct request *req, struct response *resp);

/* handlers_ipvsadm.c */
bool handle_export_ipvsadm(struct api *api, struct request *req, struct response *resp);
bool handle_import_ipvsadm(struct api *api, struct request *req, struct response *resp);
bool handle_adopt(struct api *api, struct request *req, struct response *resp);

/* handlers_list.c */
bool handle_services(struct api *api, struct request *req, struct response *resp);
bool handle_vips(struct api *api, struct request *req, struct response *resp);
bool handle_sysctls(struct api *api, struct request *req, struct response *resp);

/* handlers_declared.c: VIPs, sysctls, roles */
bool handle_declared_get(struct api *api, struct request *req, struct response *resp);
bool handle_declared_write(struct api *api, struct request *req, struct response *resp);
bool handle_declared_delete(struct api *api, struct request *req, struct response *resp);
bool handle_connections(struct api *api, struct request *req, struct response *resp);
bool handle_vip_announce(struct api *api, struct request *req, struct response *resp);

/* handlers_services.c */
bool handle_service_get(struct api *api, struct request *req, struct response *resp);
bool handle_service_write(struct api *api, struct request *req, struct response *resp);
bool handle_service_delete(struct api *api, struct request *req, struct response *resp);

/* handlers_stats.c */
bool handle_stats(struct api *api, struct request *req, struct response *resp);
bool handle_zero(struct api *api, struct request *req, struct response *resp);
bool handle_service_stats(struct api *api, struct request *req, struct response *resp);
bool handle_service_zero(struct api *api, struct request *req, struct response *resp);

/* handlers_metrics.c */
bool handle_metrics(struct api *api, struct request *req, struct response *resp);

/* handlers_real_servers.c */
bool handle_real_servers(struct api *api, struct request *req, struct response *resp);
bool handle_real_server_get(struct api *api, struct request *req, struct response *resp);
bool handle_real_server_write(struct api *api, struct request *req, struct response *resp);
bool handle_real_server_delete(struct api *api, struct request *req, struct response *resp);
bool handle_weight_get(struct api *api, struct request *req, struct response *resp);
bool handle_weight_put(struct api *api, struct request *req, struct response *resp);

/* Answers with the problem e and empties it. Returns true, for `return handle_problem(…)`. */
bool handle_problem(const struct request *req, struct response *resp, struct err *e);

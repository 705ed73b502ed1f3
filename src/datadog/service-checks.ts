import type { ServiceCheck } from "../model.ts";

/**
 * The JSON text of a service check as /api/v1/check_run takes it in an array
 * (https://docs.datadoghq.com/api/latest/service-checks/): `{"check":"db.up","host_name":"pi","status":2,"tags":["db:main"],"timestamp":1591541270,"message":"no route"}`.
 * `host` is that of a check that names none: the intake wants one.
 */
export function encodeServiceCheck(check: ServiceCheck, host: string): string {
  return JSON.stringify({
    check: check.name,
    host_name: check.host ?? host,
    status: check.status,
    tags: check.tags,
    timestamp: check.timestamp,
    message: check.message,
  });
}

export { cgroups } from "./cgroups/cgroups.ts";
export { docker } from "./docker/docker.ts";
export { dramatiq } from "./dramatiq/dramatiq.ts";
export { host } from "./host/host.ts";
export { k8s } from "./k8s/k8s.ts";
export { rpi } from "./rpi/rpi.ts";
export { tegrastats } from "./tegrastats/tegrastats.ts";

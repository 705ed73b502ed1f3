export { host } from "./host/host.ts";
export { docker } from "./docker/docker.ts";
export { tegrastats } from "./tegrastats/tegrastats.ts";
export { k8s } from "./k8s/k8s.ts";
export { dramatiq } from "./dramatiq/dramatiq.ts";
export { rpi } from "./rpi/rpi.ts";

export { host } from "./host/host.ts";
export { docker } from "./docker/docker.ts";

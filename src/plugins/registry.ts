export { host } from "./host/host.ts";

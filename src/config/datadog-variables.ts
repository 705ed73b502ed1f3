import * as v from "valibot";
import { hostNameSchema, siteSchema } from "./hosts.ts";
import { tagsSchema } from "./tags.ts";
import { baseUrlSchema, proxyUrlSchema } from "./urls.ts";
import { absolutePathSchema, listSchema, oneOfSchema, textSchema, type Variables } from "./variable.ts";

const BASE_URL = "an http:// or https:// URL without user, password, query and fragment";
const PROXY_URL = "http://[user:password@]host:port, the special characters of a password percent-encoded";

/** Where data are sent, with which key, host and tags, and through which proxy. */
export const datadogVariables = {
  apiKey: {
    names: ["API_KEY", "DD_API_KEY"],
    otherwise: "required unless `--dry-run`",
    meaning:
      "Datadog API key; comes before `API_KEY_FILE`, and that before the systemd credential `api_key`.",
    expects: "a Datadog API key",
    schema: textSchema(),
  },
  apiKeyFile: {
    names: ["API_KEY_FILE"],
    otherwise: "–",
    meaning: "Path of a file that holds the API key and nothing else.",
    expects: "a path",
    schema: textSchema(),
  },
  datadogUrl: {
    names: ["DATADOG_URL"],
    otherwise: "https://api.datadoghq.com/api",
    meaning: "Metrics intake base; `/v1/series` or `/v2/series` is appended.",
    expects: BASE_URL,
    schema: baseUrlSchema(),
  },
  datadogLogsUrl: {
    names: ["DATADOG_LOGS_URL"],
    otherwise: "https://http-intake.logs.datadoghq.com",
    meaning: "Logs intake base; `/api/v2/logs` or `/v1/input` is appended.",
    expects: BASE_URL,
    schema: baseUrlSchema(),
  },
  site: {
    names: ["DD_SITE"],
    default: "datadoghq.com",
    meaning: "Datadog site; sets both URLs where they are not given.",
    expects: "the name of a site alone, such as datadoghq.com, datadoghq.eu or us3.datadoghq.com",
    schema: siteSchema(),
  },
  metricsApiVersion: {
    names: ["METRICS_API_VERSION"],
    default: "1",
    meaning: "Version of the metrics intake: 1 posts to `/v1/series`, 2 to `/v2/series`.",
    expects: "1 or 2",
    schema: versionSchema(),
  },
  logsApiVersion: {
    names: ["LOGS_API_VERSION"],
    default: "2",
    meaning: "Version of the logs intake: 1 posts to `/v1/input`, 2 to `/api/v2/logs`.",
    expects: "1 or 2",
    schema: versionSchema(),
  },
  host: {
    names: ["HOST", "DD_HOSTNAME"],
    otherwise: "the system's host name",
    meaning: "Host of everything sent.",
    expects: "a host name of at most 255 bytes, of letters, digits, dots, - and _",
    schema: hostNameSchema(),
  },
  globalTags: {
    names: ["GLOBAL_TAGS", "DD_TAGS"],
    default: "[]",
    meaning: "Tags added to everything sent.",
    expects: 'a list of tags: ["env:prod","zone:a"], env:prod,zone:a or env:prod zone:a',
    schema: tagsSchema(),
  },
  httpsProxy: {
    names: ["DD_PROXY_HTTPS", "HTTPS_PROXY"],
    otherwise: "–",
    meaning: "Proxy for https:// URLs.",
    expects: PROXY_URL,
    schema: proxyUrlSchema(),
  },
  httpProxy: {
    names: ["DD_PROXY_HTTP", "HTTP_PROXY"],
    otherwise: "–",
    meaning: "Proxy for http:// URLs.",
    expects: PROXY_URL,
    schema: proxyUrlSchema(),
  },
  noProxy: {
    names: ["DD_PROXY_NO_PROXY", "NO_PROXY"],
    default: "[]",
    meaning: "Hosts that are reached without a proxy.",
    expects: "a list of host names: localhost,10.0.0.1",
    schema: listSchema(),
  },
  caFile: {
    names: ["SSL_CERT_FILE"],
    otherwise: "–",
    meaning:
      "PEM file with certificates of authorities that are trusted besides the built-in ones: intake, proxy, `rediss://`.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
  extraCaFile: {
    names: ["NODE_EXTRA_CA_CERTS"],
    otherwise: "–",
    meaning: "One more such file, under the name that Node.js uses.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
} as const satisfies Variables;

function versionSchema() {
  return v.pipe(
    oneOfSchema(["1", "2"]),
    v.transform((word) => (word === "1" ? 1 : 2)),
  );
}

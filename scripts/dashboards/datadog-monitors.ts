/** The monitors, as https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor takes each of them. */
export function datadogMonitors(): object[] {
  return [
    {
      name: "Chouette: {{host.name}} is silent",
      type: "service check",
      query: '"chouette.up".over("*").by("host").last(2).count_by_status()',
      message:
        "Nothing has arrived from {{host.name}} for 15 minutes: it is off, has no network, or the API key is refused (a refused key " +
        "delivers nothing, this monitor is how it shows). What waits is kept. On the device: sudo chouette status",
      tags: TAGS,
      options: {
        notify_no_data: true,
        no_data_timeframe: 15,
        notify_audit: false,
        thresholds: { warning: 1, ok: 1, critical: 1 },
      },
    },
    alert({
      name: "Chouette: {{host.name}} gets too little voltage",
      query: "max(last_5m):max:Chouette.rpi.under_voltage{*} by {host} > 0",
      message:
        "The supply of {{host.name}} gives less than 4.63 V now. Use the board's own supply and a short cable.",
    }),
    alert({
      name: "Chouette: {{host.name}} is throttled",
      query: "max(last_10m):max:Chouette.rpi.throttled{*} by {host} > 0",
      message: "{{host.name}} is slowed down by heat or low voltage.",
    }),
    alert({
      name: "Chouette: {{host.name}} is hot",
      query: "avg(last_15m):max:Chouette.rpi.temperature{*} by {host} > 80",
      message: "{{host.name}} has {{value}} °C. From 80 °C a Raspberry Pi slows itself down.",
      thresholds: { critical: 80, warning: 75 },
    }),
    alert({
      name: "Chouette: {{host.name}}, {{zone.name}} is hot",
      query: "avg(last_15m):max:Chouette.tegrastats.temperature{*} by {host,zone} > 95",
      message: "{{zone.name}} of {{host.name}} has {{value}} °C. From 97 °C a Jetson slows itself down.",
      thresholds: { critical: 95, warning: 90 },
    }),
    alert({
      name: "Chouette: {{device.name}} of {{host.name}} will be full in 7 days",
      query:
        "max(next_1w):forecast(100 * avg:Chouette.host.fs.used{*} by {host,device} / " +
        "( avg:Chouette.host.fs.used{*} by {host,device} + avg:Chouette.host.fs.free{*} by {host,device} ), " +
        "'linear', 1, interval='60m', history='1w', model='default') >= 95",
      message: "At the pace of the last week {{device.name}} of {{host.name}} reaches 95 % within 7 days.",
      thresholds: { critical: 95, critical_recovery: 90 },
    }),
    alert({
      name: "Chouette: the root of {{host.name}} is read-only",
      query: "max(last_10m):max:Chouette.rpi.root.read_only{*} by {host} > 0",
      message:
        "The kernel has made the root of {{host.name}} read-only: its card is failing. Replace it; see dmesg.",
    }),
    alert({
      name: "Chouette: the queue of {{host.name}} grows",
      query: "min(last_1h):avg:chouette.queued.metrics{*} by {host} > 10000",
      message:
        "For an hour {{host.name}} has had more than 10,000 points that wait: its link carries less than it measures.",
      thresholds: { critical: 10_000 },
    }),
    alert({
      name: "Chouette: records of {{host.name}} are dropped ({{reason.name}})",
      query: "sum(last_15m):sum:chouette.dropped{*} by {host,reason}.as_count() > 0",
      message: "{{value}} records of {{host.name}} were dropped. Which, and why: sudo chouette inspect-queue",
    }),
  ];
}

const TAGS = ["chouette"];

type Alert = {
  name: string;
  query: string;
  message: string;
  thresholds?: { critical: number; warning?: number; critical_recovery?: number };
};

function alert({ name, query, message, thresholds = { critical: 0 } }: Alert): object {
  return {
    name,
    type: "query alert",
    query,
    message,
    tags: TAGS,
    options: { thresholds, notify_audit: false, include_tags: true },
  };
}

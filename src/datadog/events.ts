import type { Event } from "../model.ts";

/**
 * The JSON text that /api/v1/events takes, one event a request (https://docs.datadoghq.com/api/latest/events/#post-an-event-v1):
 * `{"title":"deployed","text":"1.2.3","date_happened":1591541270,"host":"pi","tags":["env:prod"],"alert_type":"success"}`.
 * `host` is that of an event that names none; empty: none is named.
 */
export function encodeEvent(event: Event, host: string): string {
  const named = event.host ?? host;
  return JSON.stringify({
    title: event.title,
    text: event.text,
    date_happened: event.timestamp,
    host: named === "" ? undefined : named,
    tags: event.tags.length === 0 ? undefined : event.tags,
    alert_type: event.alertType,
    priority: event.priority,
    aggregation_key: event.aggregationKey,
    source_type_name: event.sourceType,
  });
}

import { expect, test } from "bun:test";
import { readLine } from "../../../src/logs/text/read-line.ts";

const NOW = 1_700_000_000;

test.each([
  ["2026-01-02 03:04:05,678 WARNING disk is slow", { status: "warn" }],
  ["2026/01/02 03:04:05 [error] 12#12: *1 open() failed", { status: "error" }],
  ['time="2026-01-02" level=debug msg="x"', { status: "debug" }],
  ["an error occurred", { status: undefined }],
  ['{"level":30,"time":1700000001000,"msg":"pino"}', { json: true, status: "info", at: 1_700_000_001 }],
  ['{"status":200,"levelname":"ERROR","message":"x"}', { json: true, status: "error", at: NOW }],
  [
    '{"severity":"fatal","service":"pay","timestamp":"1970-01-01T00:00:00Z"}',
    { status: "critical", service: "pay", at: NOW },
  ],
  ['{"broken', { json: false, message: '{"broken' }],
])("reads level, time and service of %j", (text, expected) => {
  expect(readLine(text, NOW)).toMatchObject(expected);
});

import { describe, expect, test } from "bun:test";
import { checkHealth } from "../../src/commands/health.ts";

const socket = "/var/lib/chouette/agent.sock";

async function check(answer: unknown): Promise<{ code: number; noted: string; asked: string[] }> {
  let noted = "";
  const asked: string[] = [];
  const code = await checkHealth({
    socket,
    note: (text) => {
      noted += text;
    },
    ask: async (question) => {
      asked.push(question);
      return answer;
    },
  });
  return { code, noted, asked };
}

describe("inspect-queue --health", () => {
  test("is silent and ends with 0 while every lane of the agent makes progress", async () => {
    expect(await check({ stuck: [] })).toEqual({ code: 0, noted: "", asked: ["health"] });
  });

  test("names each stuck lane and ends with 1", async () => {
    const stuck = [
      { lane: "collect", running: true, seconds: 400 },
      { lane: "send metrics", running: false, seconds: 300 },
    ];
    const { code, noted } = await check({ stuck });
    expect(code).toBe(1);
    expect(noted).toContain("collect: no progress in a run for ");
    expect(noted).toContain("send metrics: no run for ");
  });

  test.each([[undefined], [null], ["yes"], [{ stuck: "none" }], [{ stuck: [{}] }]])(
    "says where it asked and ends with 1 when the answer is %p",
    async (answer) => {
      const { code, noted } = await check(answer);
      expect(code).toBe(1);
      expect(noted).toContain(`no agent answers at ${socket}`);
    },
  );
});

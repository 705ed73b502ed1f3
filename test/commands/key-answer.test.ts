import { expect, test } from "bun:test";
import { formatKeyAnswer } from "../../src/commands/key-answer.ts";

const refused = { answer: "refused", error: "api.datadoghq.eu refused the API key (403)" } as const;

test("a key of the service that is refused is answered with what to type", () => {
  expect(formatKeyAnswer(refused, "api.datadoghq.eu", "/etc/chouette/chouette.env")).toEqual({
    good: "",
    warning: `warning: api.datadoghq.eu refused the API key (403)
  another key:  sudo sh -c 'cat > /etc/chouette/api_key' && sudo systemctl restart chouette   (then the key, Enter, Ctrl+D)
  another site: DD_SITE=… in /etc/chouette/chouette.env, then sudo systemctl reload chouette
`,
  });
});

test("elsewhere nothing is known about where the key comes from", () => {
  expect(formatKeyAnswer(refused, "api.datadoghq.eu", undefined).warning).toBe(
    "warning: api.datadoghq.eu refused the API key (403)\n",
  );
});

import { script } from "./scripts.ts";

/** KEYS: a queue. ARGV: keys. Returns 1 when it has a record with one of them, else 0. */
export const HOLDS = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
for _, key in ipairs(ARGV) do
  if redis.call('ZSCORE', KEYS[1], key) then return 1 end
end
return 0
`);

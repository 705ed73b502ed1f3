import { script } from "./scripts.ts";

/**
 * KEYS: a queue, stamps, notes. ARGV: what to append to the name of a key of the wrong type.
 * Returns old name, type, new name of each that was renamed.
 */
export const MOVE_ASIDE = script(`
local moved = {}
for i, wanted in ipairs({'zset', 'hash', 'zset', 'hash'}) do
  local name = KEYS[i] .. ARGV[1]
  if wrongType(KEYS[i], wanted) and redis.call('EXISTS', name) == 0 then
    table.insert(moved, KEYS[i])
    table.insert(moved, redis.call('TYPE', KEYS[i]).ok)
    table.insert(moved, name)
    redis.call('RENAME', KEYS[i], name)
  end
end
return moved
`);

/**
 * KEYS: a queue. ARGV: cursor of HSCAN, score for a record that tells no time. Looks at about 100 values and gives each
 * one that has no key its own timestamp as score. Returns the next cursor ('0': looked at all) and how many got one.
 */
export const ADOPT = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
if redis.call('HLEN', KEYS[2]) <= redis.call('ZCARD', KEYS[1]) then return {'0', 0} end
local scan = redis.call('HSCAN', KEYS[2], ARGV[1], 'COUNT', 100)
local adopted = 0
for i = 1, #scan[2], 2 do
  if not redis.call('ZSCORE', KEYS[1], scan[2][i]) then
    local valid, record = pcall(cjson.decode, scan[2][i + 1])
    local at = valid and type(record) == 'table' and record.timestamp
    local finite = type(at) == 'number' and at - at == 0
    redis.call('ZADD', KEYS[1], finite and string.format('%.17g', at) or ARGV[2], scan[2][i])
    adopted = adopted + 1
  end
end
return {scan[1], adopted}
`);

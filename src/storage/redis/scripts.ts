import { createHash } from "node:crypto";

/**
 * The Lua that runs inside Redis (5 or later): what must happen together happens in one script. Neither MULTI nor a
 * script is rolled back when a command in it fails, so every script looks at the types of its keys before it writes.
 * Scores stay text throughout: Lua prints numbers with 14 digits only. A `queue` means two keys, its `.keys` and `.values`.
 */
export type RedisScript = { lua: string; sha: string };

const HELPERS = `
-- The error for a key to which another program gave a wrong type; nil when it is right or absent.
local function wrongType(key, wanted)
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= wanted then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. found)
  end
end

local function wrongQueue(i)
  return wrongType(KEYS[i], 'zset') or wrongType(KEYS[i + 1], 'hash')
end

-- Owner and seconds of a lease, whose value is "<seconds> <owner>"; nil for none or what is none.
local function holderOf(lease)
  if wrongType(lease, 'string') then return nil end
  local seconds, owner = string.match(redis.call('GET', lease) or '', '^(%S+) (.*)$')
  return owner, seconds
end

-- Calls command with list[first..last] in portions: unpack() takes at most about 8000. An even number keeps pairs together.
local function portions(command, key, list, first, last)
  for i = first, last, 4000 do
    redis.call(command, key, unpack(list, i, math.min(i + 3999, last)))
  end
end
`;

/**
 * KEYS: stamps, notes, lease, then the queue of each removal, then the queue of each addition.
 * ARGV: owner of the lease or ''; number of removals, each: n, n keys; number of additions, each: how many records the queue
 * keeps (0: all), n, n times at, key, body; n, n stamps; n, n times name, text; n, n times name, number
 * that is added to this note.
 * Returns 1; 0 when the lease is not this owner's, and then nothing has been written.
 */
export const COMMIT = script(`
local wrong = wrongType(KEYS[1], 'zset') or wrongType(KEYS[2], 'hash')
for i = 4, #KEYS, 2 do wrong = wrong or wrongQueue(i) end
if wrong then return wrong end

local seconds
if ARGV[1] ~= '' then
  local owner
  owner, seconds = holderOf(KEYS[3])
  if owner ~= ARGV[1] then return 0 end
end

local at = 1
local function number()
  at = at + 1
  return tonumber(ARGV[at])
end

local queue = 4
for _ = 1, number() do
  local count = number()
  portions('ZREM', KEYS[queue], ARGV, at + 1, at + count)
  portions('HDEL', KEYS[queue + 1], ARGV, at + 1, at + count)
  at = at + count
  queue = queue + 2
end

for _ = 1, number() do
  local keep = number()
  local scores, values = {}, {}
  for i = 1, 2 * number(), 2 do
    local key = ARGV[at + 2]
    scores[i], scores[i + 1] = ARGV[at + 1], key
    values[i], values[i + 1] = key, ARGV[at + 3]
    at = at + 3
  end
  portions('ZADD', KEYS[queue], scores, 1, #scores)
  portions('HSET', KEYS[queue + 1], values, 1, #values)
  local excess = keep > 0 and redis.call('ZCARD', KEYS[queue]) - keep or 0
  if excess > 0 then
    local oldest = redis.call('ZRANGE', KEYS[queue], 0, excess - 1)
    portions('ZREM', KEYS[queue], oldest, 1, #oldest)
    portions('HDEL', KEYS[queue + 1], oldest, 1, #oldest)
  end
  queue = queue + 2
end

local stamps = {}
for i = 1, number() do
  stamps[2 * i - 1], stamps[2 * i] = ARGV[at + i], ARGV[at + i]
end
at = at + #stamps / 2
portions('ZADD', KEYS[1], stamps, 1, #stamps)

local notes = 2 * number()
portions('HSET', KEYS[2], ARGV, at + 1, at + notes)
at = at + notes

for _ = 1, number() do
  redis.call('HINCRBY', KEYS[2], ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end

-- Last: a Redis that is out of memory refuses only the first write of a script, and this command it never refuses.
if seconds then redis.call('PEXPIRE', KEYS[3], string.format('%.0f', seconds * 1000)) end
return 1
`);

/**
 * KEYS: a queue. ARGV: lowest and highest score as ZRANGEBYSCORE takes them, limit, maxBytes, maxBody, 'newest' for the opposite
 * order or '', and, where records behind one are wanted that has the lowest score, its key.
 * Returns four texts for each portion of the records: the lengths of the keys and then of the values (i32, little-endian), the scores
 * with a blank between, the keys, and the values, one after the other. A value is not returned where there is none, or when it is
 * longer than maxBody: its length is -1 then, or -1 less the length.
 * HSTRLEN comes first, so that a value that is too long is neither copied nor transferred, and one HMGET for a portion takes half the
 * time of as many HGET. Portions grow while keys are short: another program's may have megabytes each, and Lua holds all that it is given.
 */
export const PEEK = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
local call, values = redis.call, KEYS[2]
local limit, maxBytes, maxBody, after = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[7]
local range, one, other = 'ZRANGEBYSCORE', ARGV[1], ARGV[2]
if ARGV[6] == 'newest' then range, one, other = 'ZREVRANGEBYSCORE', other, one end
local from, first = 0, tonumber(ARGV[1])
if after and tonumber(call('ZSCORE', KEYS[1], after)) == first then
  from = call('ZRANK', KEYS[1], after) + 1 - call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
  after = nil
end

-- Whether a key is behind the one that is not there any more; Lua would compare them by the locale.
local function isBehind(key)
  for i = 1, math.min(#key, #after) do
    local one, other = string.byte(key, i), string.byte(after, i)
    if one ~= other then return one > other end
  end
  return #key > #after
end

local reply, count, bytes, keyBytes, step = {}, 0, 0, 0, 16
while count < limit do
  local wanted, before = math.min(step, limit - count), keyBytes
  local found = call(range, KEYS[1], one, other, 'WITHSCORES', 'LIMIT', from, wanted)
  local n, keys, scores, lengths, readable = 0, {}, {}, {}, {}
  for i = 1, #found, 2 do
    local key, score = found[i], found[i + 1]
    if after and tonumber(score) ~= first then after = nil end
    if not after or isBehind(key) then
      local length = call('HSTRLEN', values, key)
      keyBytes = keyBytes + #key
      if count + n > 0 and (length <= maxBody and bytes + length > maxBytes or keyBytes > 4000000) then
        limit = 0
        break
      end
      n = n + 1
      keys[n], scores[n] = key, score
      if length > maxBody or length == 0 and call('HEXISTS', values, key) == 0 then
        lengths[n] = -1 - length
      else
        lengths[n], readable[#readable + 1], bytes = length, key, bytes + length
      end
    end
  end
  if n > 0 then
    local all = {}
    for i = 1, n do all[i], all[n + i] = #keys[i], lengths[i] end
    local bodies = #readable > 0 and call('HMGET', values, unpack(readable)) or {}
    reply[#reply + 1] = struct.pack('<' .. string.rep('i4', 2 * n), unpack(all))
    reply[#reply + 1] = table.concat(scores, ' ')
    reply[#reply + 1] = table.concat(keys)
    reply[#reply + 1] = table.concat(bodies)
    count = count + n
  end
  if #found < 2 * wanted then break end
  from = from + wanted
  step = keyBytes - before < 1024 * wanted and math.min(4 * step, 1024) or 16
end
return reply
`);

/**
 * KEYS: a queue, notes. ARGV: highest score, limit, the note that counts them. Removes first records up to that score, fewer than the limit where their keys are
 * long; returns how many.
 */
export const EXPIRE = script(`
local wrong = wrongQueue(1) or wrongType(KEYS[3], 'hash')
if wrong then return wrong end
local limit, removed, step, keys = tonumber(ARGV[2]), 0, 16, 0
while removed < limit and keys < 1000000 do
  local wanted = math.min(step, limit - removed)
  local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, wanted)
  for _, key in ipairs(old) do keys = keys + #key end
  portions('ZREM', KEYS[1], old, 1, #old)
  portions('HDEL', KEYS[2], old, 1, #old)
  if #old > 0 then redis.call('HINCRBY', KEYS[3], ARGV[3], #old) end
  removed = removed + #old
  if #old < wanted then break end
  step = math.min(4 * step, 1024)
end
return removed
`);

/** KEYS: a queue. ARGV: lowest and highest score. Returns how many are between, and the scores at the ends of the queue or nil. */
export const SIZE = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
local function scoreAt(i) return redis.call('ZRANGE', KEYS[1], i, i, 'WITHSCORES')[2] or false end
return {redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[2]), scoreAt(0), scoreAt(-1)}
`);

/**
 * KEYS: a lease. ARGV: owner, seconds, milliseconds, an owner from whom it is taken or ''.
 * Returns nil when it is this owner's now, else the owner that holds it and 1 when it would last longer than those milliseconds
 * (the clock was set back since), 0 when not.
 */
export const ACQUIRE = script(`
local holder = holderOf(KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[4] then
  local left = redis.call('PTTL', KEYS[1])
  return {holder, (left < 0 or left > tonumber(ARGV[3])) and 1 or 0}
end
-- A Redis that is out of memory refuses only the first write of a script, and never this one: what waits there can be sent then.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return false
`);

/** KEYS: a lease. ARGV: owner. */
export const RELEASE = script(`
if holderOf(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/** Makes a script of Lua that may use the helpers above. */
export function script(body: string): RedisScript {
  const lua = HELPERS + body;
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}

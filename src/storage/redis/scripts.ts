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

-- The texts of a pack: before each its length (u32, little-endian).
local function unpackTexts(packed)
  local texts, n, at = {}, 0, 1
  while at <= #packed do
    n = n + 1
    texts[n], at = struct.unpack('<I4c0', packed, at)
  end
  return texts
end
`;

/**
 * KEYS: stamps, notes, lease, then the queue of each removal, then the queue of each addition.
 * ARGV: owner of the lease or ''; number of removals, each: a pack of keys; number of additions, each: how many records the
 * queue keeps (0: all), a pack of at, key, body of each; n, n stamps; n, n times name, text. A pack is made in pack.ts.
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
local function pack()
  at = at + 1
  return unpackTexts(ARGV[at])
end

local queue = 4
for _ = 1, number() do
  local gone = pack()
  portions('ZREM', KEYS[queue], gone, 1, #gone)
  portions('HDEL', KEYS[queue + 1], gone, 1, #gone)
  queue = queue + 2
end

for _ = 1, number() do
  local keep = number()
  local new = pack()
  local scores, values = {}, {}
  for i = 1, #new / 3 do
    scores[2 * i - 1], scores[2 * i] = new[3 * i - 2], new[3 * i - 1]
    values[2 * i - 1], values[2 * i] = new[3 * i - 1], new[3 * i]
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

-- Last: a Redis that is out of memory refuses only the first write of a script, and this command it never refuses.
if seconds then redis.call('PEXPIRE', KEYS[3], string.format('%.0f', seconds * 1000)) end
return 1
`);

/**
 * KEYS: a queue. ARGV: lowest and highest score as ZRANGEBYSCORE takes them, limit, maxBytes, maxBody.
 * Returns pairs, each for some records: an index with 20 bytes for each, which are the length of its key (u32), its score
 * (f64), the length of its value (u32) and that length again or -1 (i32) where the value is not returned because there is
 * none or it is too long, all little-endian; and the keys and values one after the other. These stay near 32 kB: what
 * arrives in many pieces ioredis copies again for each of them.
 * HSTRLEN comes first, so that a value that is too long is neither copied nor transferred.
 */
export const PEEK = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local maxBytes, maxBody = tonumber(ARGV[4]), tonumber(ARGV[5])
local reply, index, parts, bytes, full = {}, {}, {}, 0, 32768
local function finish()
  reply[#reply + 1] = table.concat(index)
  reply[#reply + 1] = table.concat(parts)
  index, parts, full = {}, {}, bytes + 32768
end
for i = 1, #found, 2 do
  local key = found[i]
  local length = redis.call('HSTRLEN', KEYS[2], key)
  local body = false
  if length <= maxBody then
    if i > 1 and bytes + length > maxBytes then break end
    bytes = bytes + length
    body = redis.call('HGET', KEYS[2], key)
  end
  parts[#parts + 1] = key
  if body then parts[#parts + 1] = body end
  index[#index + 1] = struct.pack('<I4dI4i4', #key, tonumber(found[i + 1]), length, body and length or -1)
  if bytes > full then finish() end
end
if #index > 0 then finish() end
return reply
`);

/** KEYS: a queue. ARGV: highest score, limit. Removes the first records up to that score; returns how many. */
export const EXPIRE = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
portions('ZREM', KEYS[1], old, 1, #old)
portions('HDEL', KEYS[2], old, 1, #old)
return #old
`);

/** KEYS: a queue. ARGV: lowest and highest score. Returns how many are between, and the scores at the ends of the queue or nil. */
export const SIZE = script(`
local wrong = wrongQueue(1)
if wrong then return wrong end
local function scoreAt(i) return redis.call('ZRANGE', KEYS[1], i, i, 'WITHSCORES')[2] or false end
return {redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[2]), scoreAt(0), scoreAt(-1)}
`);

/**
 * KEYS: a lease. ARGV: owner, seconds, milliseconds, an owner known to be gone or ''.
 * Returns nil when it is this owner's now, else the owner that holds it.
 */
export const ACQUIRE = script(`
local holder = holderOf(KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[4] then
  local left = redis.call('PTTL', KEYS[1])
  if left >= 0 and left <= tonumber(ARGV[3]) then return holder end
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return false
`);

/** KEYS: a lease. ARGV: owner. */
export const RELEASE = script(`
if holderOf(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

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

function script(body: string): RedisScript {
  const lua = HELPERS + body;
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}

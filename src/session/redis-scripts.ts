/** Runs a script on one key. @throws what Redis or the connection to it says */
export type RunScript = (script: string, key: string, ...values: string[]) => Promise<unknown>;

/**
 * What must happen in one piece, in Lua: each script touches one key, so that a cluster can run it. The key of a session
 * outlives its idle time by a grace (ARGV), so that the end can still be told to those who must know; within the grace it
 * is as good as gone for requests.
 */
const alive = `redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1])`;

/** ARGV: grace, time to live or 0 for only looking. @returns milliseconds left of the idle time, then the fields */
export const readScript = `local left = redis.call('PTTL', KEYS[1]) - tonumber(ARGV[1])
if left > 0 and tonumber(ARGV[2]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
local answer = redis.call('HGETALL', KEYS[1])
table.insert(answer, 1, left)
return answer`;

/** ARGV: grace, time to live, name, value… Only into a session that is there: what ends after a logout must not bring it back. */
export const writeScript = `if not (${alive}) then return 0 end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** ARGV: grace, time to live, name, value that it must still have, new value… @returns 0: gone, -1: another was faster */
export const changeScript = `if not (${alive}) then return 0 end
for i = 3, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return -1 end
end
for i = 3, #ARGV, 3 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** ARGV: time to live, name, value… */
export const createScript = `redis.call('DEL', KEYS[1])
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** Ends a session. @returns its fields, to whoever comes first */
export const takeScript = `local fields = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return fields`;

/** ARGV: now, end, member. A sorted set by end: what is over falls out, and the set ends with its last member. */
export const indexScript = `redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
return 1`;

export const membersScript = `return redis.call('ZRANGE', KEYS[1], 0, -1)`;

/** ARGV: member. */
export const unindexScript = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

/** ARGV: now, time until which those due are ours, how many at most. @returns who is due; nobody else gets them meanwhile */
export const claimScript = `local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], id) end
return due`;

/** ARGV: time, member. */
export const scheduleScript = `return redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])`;

/** ARGV: milliseconds, holder. */
export const leaseScript = `return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[1])`;

/** ARGV: milliseconds, holder. Only the holder may prolong it. */
export const prolongScript = `if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`;

/** ARGV: holder. */
export const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** A hash as Redis' scripts hand it out: name, value, name, value… */
export function fieldsOf(flat: unknown): Record<string, string> {
  const list = flat as string[];
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < list.length; i += 2) fields[list[i] as string] = list[i + 1] as string;
  return fields;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The one Redis function, in Lua 5.1 for Redis 7 functions. @NAME@ becomes a
 * name that holds the checksum of this text, so that two versions of the
 * program never run each other's.
 *
 * KEYS: the marker's hash, then one hash per table.
 * ARGS: 'claim' NUMBER
 *    or 'commit' CLAIM COMMIT EXPECTED MARKER DROP, then for each table: how
 *       many arguments of field and value follow, them, how many fields to
 *       remove follow, them. EXPECTED and MARKER '' stand for none.
 * DROP '1': the tables and the marker go first, whatever it was, which may be
 * older than the snapshot that is being restored, or of a state nobody can
 * read; the claim alone says whose they are.
 * A claim answers with the marker; a commit with 1, or 0 when refused.
 * Types are looked at before anything is written, because a function that
 * fails half way is not undone. Of tables that are dropped they may be any: so
 * a state restored after somebody spoilt a key takes its place.
 *
 * Torn transactions: Redis 7.0 that finds its append-only file cut inside a
 * MULTI drops those commands from memory but leaves them in the file; the next
 * time it loads, they are carried out before what was written since, and the
 * tables are ahead of the marker (seen when Redis was cut back twice). So each
 * commit first writes a field begun:ID, and removes that of the commit before
 * it, not its own. A claim that finds any but that of the last commit knows
 * that the state is not to be trusted, and drops the marker: the state is
 * restored (STREAM 22). */
#ifndef BASE_COMMIT_LUA_H
#define BASE_COMMIT_LUA_H

#define COMMIT_LUA                                                             \
    "#!lua name=@NAME@\n"                                                      \
    "local CHUNK = 4000\n"                                                     \
    "local function each(command, key, args, from, n)\n"                       \
    "  local last = from + n - 1\n"                                            \
    "  while from <= last do\n"                                                \
    "    local to = math.min(from + CHUNK - 1, last)\n"                        \
    "    redis.call(command, key, unpack(args, from, to))\n"                   \
    "    from = to + 1\n"                                                      \
    "  end\n"                                                                  \
    "end\n"                                                                    \
    "local function right_types(keys, last)\n"                                 \
    "  for i = 1, last do\n"                                                   \
    "    local t = redis.call('TYPE', keys[i]).ok\n"                           \
    "    if t ~= 'hash' and t ~= 'none' then\n"                                \
    "      return keys[i] .. ' is a ' .. t .. ', not a hash'\n"                \
    "    end\n"                                                                \
    "  end\n"                                                                  \
    "end\n"                                                                    \
    "local function torn(mine)\n"                                              \
    "  local last = redis.call('HGET', mine, 'last')\n"                        \
    "  for _, field in ipairs(redis.call('HKEYS', mine)) do\n"                 \
    "    if field:sub(1, 6) == 'begun:' and field:sub(7) ~= last then\n"       \
    "      return true\n"                                                      \
    "    end\n"                                                                \
    "  end\n"                                                                  \
    "end\n"                                                                    \
    "local function run(keys, args)\n"                                         \
    "  local whole = args[1] == 'commit' and args[6] == '1'\n"                 \
    "  local wrong = right_types(keys, whole and 1 or #keys)\n"                \
    "  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end\n"    \
    "  local mine = keys[1]\n"                                                 \
    "  if args[1] == 'claim' then\n"                                           \
    "    if torn(mine) then redis.call('DEL', mine) end\n"                     \
    "    redis.call('HSET', mine, 'claim', args[2], 'commit', '0')\n"          \
    "    return redis.call('HGET', mine, 'marker')\n"                          \
    "  end\n"                                                                  \
    "  local now = redis.call('HMGET', mine, 'claim', 'commit', 'marker')\n"   \
    "  if now[1] ~= args[2] or now[2] ~= args[3] or\n"                         \
    "     (not whole and (now[3] or '') ~= args[4]) then return 0 end\n"       \
    "  local nth = string.format('%.0f', args[3] + 1)\n"                       \
    "  local last = redis.call('HGET', mine, 'last')\n"                        \
    "  local id = args[2] .. ':' .. nth\n"                                     \
    "  redis.call('HSET', mine, 'begun:' .. id, '1')\n"                        \
    "  if whole then\n"                                                        \
    "    for i = 2, #keys do redis.call('DEL', keys[i]) end\n"                 \
    "    redis.call('HDEL', mine, 'marker')\n"                                 \
    "  end\n"                                                                  \
    "  local at = 7\n"                                                         \
    "  for i = 2, #keys do\n"                                                  \
    "    local n = tonumber(args[at])\n"                                       \
    "    each('HSET', keys[i], args, at + 1, n)\n"                             \
    "    at = at + 1 + n\n"                                                    \
    "    n = tonumber(args[at])\n"                                             \
    "    each('HDEL', keys[i], args, at + 1, n)\n"                             \
    "    at = at + 1 + n\n"                                                    \
    "  end\n"                                                                  \
    "  if last then\n"                                                         \
    "    redis.call('HDEL', mine, 'begun:' .. last)\n"                         \
    "  end\n"                                                                  \
    "  redis.call('HSET', mine, 'commit', nth, 'last', id)\n"                  \
    "  if args[5] ~= '' then\n"                                                \
    "    redis.call('HSET', mine, 'marker', args[5])\n"                        \
    "  end\n"                                                                  \
    "  return 1\n"                                                             \
    "end\n"                                                                    \
    "redis.register_function('@NAME@', run)\n"

#endif

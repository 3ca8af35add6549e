"""What Redis and Valkey run: all windows are looked at and counted in at once, in one step that nobody else is part of.

Each script gets a key for each window and as arguments: now in microseconds, or nothing for the server's own time;
whether windows slide; and for each window its count and its length in microseconds. It answers whether the request
was counted, the time, and three numbers for each window as they were before. A double holds microseconds exactly until
the year 2255.
"""

_NOW = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local allowed, found = 1, {}
"""
# Kept for an hour longer than they count, so that a clock that was wrong for a while gives nothing away.
_EXPIRE = """
    redis.call('PEXPIRE', key, math.floor(2 * tonumber(ARGV[2 * i + 2]) / 1000) + 3600000)
"""

COUNT = f"""
{_NOW}
for i, key in ipairs(KEYS) do
  local most, length = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local kept = redis.call('HMGET', key, 'starts_at', 'hits', 'previous')
  local starts_at, hits, previous = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
  if not starts_at then
    starts_at, hits, previous = now, 0, 0
  elseif now < starts_at then
    starts_at = now
    redis.call('HSET', key, 'starts_at', now) -- also for a refusal, or it would be locked until the clock is back
  elseif now - starts_at >= length then
    if ARGV[2] == '1' and now - starts_at < 2 * length then
      starts_at, hits, previous = starts_at + length, 0, hits
    else
      starts_at, hits, previous = now, 0, 0
    end
  end
  if most - hits - math.floor(previous * (length - 1 - (now - starts_at)) / length) < 1 then
    allowed = 0
  end
  found[#found + 1], found[#found + 2], found[#found + 3] = starts_at, hits, previous
end
if allowed == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('HSET', key, 'starts_at', found[3 * i - 2], 'hits', found[3 * i - 1] + 1, 'previous', found[3 * i])
    {_EXPIRE}
  end
end
return {{allowed, now, unpack(found)}}
"""

# The answer for a window: how many are in it, when the oldest was, and the one that must leave before another fits.
MOVE = f"""
{_NOW}
for i, key in ipairs(KEYS) do
  local most, length = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local place = -1
  local time = tonumber(redis.call('LINDEX', key, place))
  while time and time > now do
    redis.call('LSET', key, place, now)
    place = place - 1
    time = tonumber(redis.call('LINDEX', key, place))
  end
  time = tonumber(redis.call('LINDEX', key, 0))
  while time and time <= now - length do
    redis.call('LPOP', key)
    time = tonumber(redis.call('LINDEX', key, 0))
  end
  local hits, blocking = redis.call('LLEN', key), now
  if hits >= most then
    allowed, blocking = 0, tonumber(redis.call('LINDEX', key, -most))
  end
  found[#found + 1], found[#found + 2], found[#found + 3] = hits, time or now, blocking
end
if allowed == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('RPUSH', key, now)
    {_EXPIRE}
  end
end
return {{allowed, now, unpack(found)}}
"""

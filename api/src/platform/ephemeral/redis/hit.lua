-- Count a hit at ARGV[1] on every key, or on none if one is full. ARGV[2] is how long Redis keeps
-- a window past its end; then each key has its limit and its period. A window is its end and its
-- count. Answers nothing, or the index of the full key and the ms until its window ends.
local now, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('MGET', unpack(KEYS))
local counts, ends = {}, {}
for i = 1, #KEYS do
  local last, count = 0, 0
  if held[i] then last, count = struct.unpack('>I8I4', held[i]) end
  if last <= now then last, count = now + tonumber(ARGV[2 * i + 2]), 0 end
  if count >= tonumber(ARGV[2 * i + 1]) then return {i - 1, last - now} end
  counts[i], ends[i] = count + 1, last
end
for i = 1, #KEYS do
  if counts[i] == 1 then
    local window = struct.pack('>I8I4', ends[i], 1)
    redis.call('SET', KEYS[i], window, 'PX', ends[i] - now + grace)
  else
    redis.call('SETRANGE', KEYS[i], 8, struct.pack('>I4', counts[i]))
  end
end
return {}

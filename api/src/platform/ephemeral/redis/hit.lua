-- Count a hit at ARGV[1] on every key, or on none if one is full. A window is kept as its end and
-- its count. For each key follow its limit, the window that starts with this hit, and how many ms
-- Redis keeps that; ready-made, since Redis is the bottleneck. Answers nothing, or the index of
-- the full key and the ms until its window ends.
local call, unpacked = redis.call, struct.unpack
local now = tonumber(ARGV[1])
local held = call('MGET', unpack(KEYS))
local counts = {}
for i = 1, #KEYS do
  local window, count = ARGV[3 * i], 0
  if held[i] then
    local ends, counted = unpacked('>I8I4', held[i])
    if ends > now then window, count = held[i], counted end
  end
  if count >= tonumber(ARGV[3 * i - 1]) then return {i - 1, unpacked('>I8', window) - now} end
  counts[i] = count
end
for i = 1, #KEYS do
  if counts[i] == 0 then
    call('PSETEX', KEYS[i], ARGV[3 * i + 1], ARGV[3 * i])
  else
    call('SETRANGE', KEYS[i], '8', struct.pack('>I4', counts[i] + 1))
  end
end
return {}

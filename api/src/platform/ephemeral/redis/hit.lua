-- Count a hit at ARGV[1] on the first ARGV[2] keys, or on none if one is full; if all admit it, set
-- the key after them, should there be one. A key holds a window for each of its rates: when it ends,
-- and its count. Each key comes with its windows if this hit begins them all, or nothing where they
-- admit none; the same with the limits in place of the counts; and the ms that Redis keeps it: much
-- is ready-made, since Redis is the bottleneck. The last key comes with its envelope and its ms.
-- Answers nothing, or the index of the full key and the ms until its window ends.
local call, unpacked, packed = redis.call, struct.unpack, struct.pack
local keys, args = KEYS, ARGV
local now, quotas = tonumber(args[1]), tonumber(args[2])
local held, begins = call('MGET', unpack(keys, 1, quotas)), {}
for i = 1, quotas do
  local windows, first, rates = held[i], args[3 * i], args[3 * i + 1]
  -- Counted by another number of rates: nothing to go by.
  if windows and #windows ~= #rates then windows = false end
  begins[i] = not windows
  if windows or first == '' then
    local counted = ''
    for at = 1, #rates, 12 do
      local would_end, limit = unpacked('>I8I4', rates, at)
      local ends, count = now, 0
      if windows then ends, count = unpacked('>I8I4', windows, at) end
      if ends <= now then ends, count, begins[i] = would_end, 0, true end
      if count >= limit then return {i - 1, ends - now} end
      counted = counted .. packed('>I8I4', ends, count + 1)
    end
    held[i] = counted
  else
    held[i] = first
  end
end
for i = 1, quotas do
  if begins[i] then
    call('PSETEX', keys[i], args[3 * i + 2], held[i])
  else
    call('SETRANGE', keys[i], '0', held[i])
  end
end
local value = keys[quotas + 1]
if value then call('PSETEX', value, args[3 * quotas + 4], args[3 * quotas + 3]) end
return {}

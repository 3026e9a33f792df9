-- Take one hit off every window of every key that is still open at ARGV[1].
local now = tonumber(ARGV[1])
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i]) or ''
  for at = 1, #held, 12 do
    local ends, count = struct.unpack('>I8I4', held, at)
    if ends > now and count > 0 then
      redis.call('SETRANGE', KEYS[i], at + 7, struct.pack('>I4', count - 1))
    end
  end
end
return {}

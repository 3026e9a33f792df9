-- Take one hit off every key whose window is still open at ARGV[1].
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held then
    local ends, count = struct.unpack('>I8I4', held)
    if ends > tonumber(ARGV[1]) and count > 0 then
      redis.call('SETRANGE', KEYS[i], 8, struct.pack('>I4', count - 1))
    end
  end
end
return {}

-- Set KEYS[1] to the envelope ARGV[1], which Redis drops after ARGV[3] ms, if it holds nothing
-- that is live at ARGV[2], or something of a lower version where ARGV[4] is "newer".
local held = redis.call('GET', KEYS[1])
if held then
  local deadline, high, low = struct.unpack('>I8I4I4', held)
  if deadline > tonumber(ARGV[2]) then
    if ARGV[4] ~= 'newer' then return 0 end
    -- Versions have 64 bits and Lua's numbers 53.
    local _, new_high, new_low = struct.unpack('>I8I4I4', ARGV[1])
    if high > new_high or (high == new_high and low >= new_low) then return 0 end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1

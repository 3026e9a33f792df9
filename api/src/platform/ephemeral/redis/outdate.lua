-- Set KEYS to the envelope ARGV[1], which Redis drops after ARGV[2] ms.
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
end

-- GET PREFIX .. id .. SUFFIX for ids picked at random from a file.
-- Arguments: file of ids, prefix, suffix, token or "".
local count = 0
function setup(thread)
  count = count + 1
  thread:set("number", count)
end

function init(args)
  math.randomseed(os.time() * 7 + number)
  ids = {}
  for line in io.lines(args[1]) do ids[#ids + 1] = line end
  prefix, suffix = args[2], args[3]
  if args[4] ~= "" then wrk.headers["Authorization"] = "Bearer " .. args[4] end
end

function request()
  return wrk.format("GET", prefix .. ids[math.random(#ids)] .. suffix)
end

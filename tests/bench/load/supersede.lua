-- Puts a corrected result in the place of a final one, each id of the file once.
-- Arguments: file of ids of results, token, number of threads.
local count = 0
function setup(thread)
  count = count + 1
  thread:set("number", count)
end

function init(args)
  ids = {}
  for line in io.lines(args[1]) do ids[#ids + 1] = line end
  at, step = number - tonumber(args[3]), tonumber(args[3])
  wrk.headers["Authorization"] = "Bearer " .. args[2]
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["If-Match"] = "*"
end

function request()
  at = at + step
  local body = string.format('{"level": %d, "reason": "Salah ketik level."}', 1 + at % 5)
  return wrk.format("PUT", "/v1/assessment-results/" .. ids[at] .. "/supersession", nil, body)
end

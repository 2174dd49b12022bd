-- Writes one result of somebody into a draft event, both picked at random.
-- Arguments: file of ids of events, file of ids of people, file of ids of competencies, token.
local count = 0
function setup(thread)
  count = count + 1
  thread:set("number", count)
end

local function read(path)
  local all = {}
  for line in io.lines(path) do all[#all + 1] = line end
  return all
end

function init(args)
  math.randomseed(os.time() * 7 + number)
  events, people, competencies = read(args[1]), read(args[2]), read(args[3])
  wrk.headers["Authorization"] = "Bearer " .. args[4]
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["If-Match"] = "*"
end

function request()
  local body = string.format('{"items": [{"employee_id": "%s", "competency_id": "%s", "level": %d}]}',
    people[math.random(#people)], competencies[math.random(#competencies)], math.random(5))
  return wrk.format("PUT", "/v1/assessment-events/" .. events[math.random(#events)] .. "/results", nil, body)
end

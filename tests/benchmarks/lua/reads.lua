-- GET. Arguments: seconds, rate, drain, path, tickets.
-- `tickets` names a file with one id a line; a path that ends in "/" gets a random one of them.
require "load"

expected = { ["200"] = true }

function init(arguments)
  local path, tickets = arguments[4], lines(arguments[5])
  local function get(what) return "GET " .. what .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n\r\n" end
  local single, ready = path:sub(-1) == "/", get(path)
  function request()
    return single and get(path .. tickets[math.random(#tickets)]) or ready
  end
  math.randomseed(1)
  begin(tonumber(arguments[1]), tonumber(arguments[2]), arguments[3] == "drain")
end

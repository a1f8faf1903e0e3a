-- POST /api/orders. Arguments: seconds, rate, drain, tickets, sessions, which, granted.
-- `tickets` and `sessions` name files with one id or token a line; which: "random", or "next" for each ticket once;
-- `granted` names the file that gets the id of each order that a 201 told of.
require "load"

expected = { ["201"] = true }

function init(arguments)
  local tickets, sessions, which = lines(arguments[4]), lines(arguments[5]), arguments[6]
  local heads, taken = {}, 0
  for n, token in ipairs(sessions) do
    heads[n] = "POST /api/orders HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nCookie: session=" .. token
      .. "\r\nContent-Type: application/json\r\nContent-Length: 39\r\n\r\n"
  end
  local function any() return tickets[math.random(#tickets)] end
  local function another()
    taken = taken + 1
    return tickets[taken] or error "there are no more tickets: seed more"
  end
  local pick = which == "next" and another or any
  expected["400 ticket_reserved"] = which ~= "next"
  function request()
    return heads[math.random(#heads)] .. '{"ticketId":"' .. pick() .. '"}'
  end
  local granted, count = io.open(arguments[7], "w"), response
  function response(status, headers, body)
    count(status, headers, body)
    if status == 201 then granted:write(body:match '"id":"(%x+)"' or "none", "\n") end
  end
  math.randomseed(1)
  begin(tonumber(arguments[1]), tonumber(arguments[2]), arguments[3] == "drain")
end

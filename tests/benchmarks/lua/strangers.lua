-- A stranger asks each actor for something that only its owner may do, one after the other: all are refused.
-- Arguments: seconds, rate, drain, method, path, ids, session, body.
-- `ids` names a file with one id a line, which are appended to `path`.
require "load"

expected = { ["401 not_the_seller"] = true, ["401 not_the_buyer"] = true }

function init(arguments)
  local method, path, ids = arguments[4], arguments[5], lines(arguments[6])
  local headers = { ["Cookie"] = "session=" .. arguments[7], ["Content-Type"] = "application/json" }
  local taken = 0
  function request()
    taken = taken % #ids + 1
    return wrk.format(method, path .. ids[taken], headers, arguments[8])
  end
  begin(tonumber(arguments[1]), tonumber(arguments[2]), arguments[3] == "drain")
end

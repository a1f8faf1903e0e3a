-- What every load has in common: a clock, a schedule, and a count of the answers.
-- Times are seconds. Runs inside of wrk; see tests/benchmarks/wrk.py for the arguments.
local ffi = require "ffi"
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *at);
]]

local MONOTONIC, PARKED_MS, SHOWN_MAX = 1, 1e7, 5
local at = ffi.new "moment"
local threads = {}

local function now()
  ffi.C.clock_gettime(MONOTONIC, at)
  return tonumber(at.seconds) + tonumber(at.nanoseconds) / 1e9
end

function lines(path)
  local found = {}
  for line in io.lines(path) do found[#found + 1] = line end
  return found
end

-- Called once by each load: `seconds` to count in, `rate` to offer (0: as fast as answers come),
-- `drain`: send nothing after these seconds, so that every request gets its answer.
-- `late` is the most that a request which was due had to wait for a connection: what its latency does not tell.
function begin(seconds, rate, drain)
  counts, odd, inside, late, finish = {}, {}, 0, 0, now() + seconds
  local slot, connected = now(), nil
  if rate == 0 and not drain then return end
  function delay()
    local time = now()
    connected = connected or time
    slot = rate == 0 and time or slot + 1 / rate
    if slot >= finish then return PARKED_MS end
    late = math.max(late, time - math.max(slot, connected))
    local wait_ms = math.max(0, math.ceil((slot - time) * 1000))
    return time + wait_ms / 1000 < finish and wait_ms or PARKED_MS
  end
end

function response(status, _, body)
  local name = tostring(status)
  if status >= 400 then name = name .. " " .. (body:match '"code":"([a-z_]+)"' or "") end
  counts[name] = (counts[name] or 0) + 1
  if now() < finish then inside = inside + 1 end
  if not expected[name] and #odd < SHOWN_MAX then odd[#odd + 1] = name .. ": " .. body:sub(1, 200) end
end

function setup(thread)
  threads[#threads + 1] = thread
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', " ") .. '"'
end

-- One line of JSON, the last of wrk's output.
function done(summary, latency)
  local thread, answers, shown = threads[1], {}, {}
  for name, count in pairs(thread:get "counts") do answers[#answers + 1] = quoted(name) .. ":" .. count end
  for _, text in ipairs(thread:get "odd") do shown[#shown + 1] = quoted(text) end
  local errors = summary.errors
  print(string.format(
    '{"inside":%d,"late_us":%d,"answers":{%s},"odd":[%s],"p50_us":%d,"p99_us":%d,"max_us":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}',
    thread:get "inside", thread:get "late" * 1e6, table.concat(answers, ","), table.concat(shown, ","),
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.connect, errors.read, errors.write, errors.timeout))
end

-- Script for wrk that posts the pictures of a list in turn: `wrk … -s pictures.lua URL -- LIST [ACCEPT]`
-- Each picture is sent by one thread only, so that none is repeated before the end of the list.

local threads = 0

function setup(thread)
  thread:set("first", threads)
  threads = threads + 1
  thread:set("count", threads)
end

function init(args)
  bodies = {}
  for path in io.lines(args[1]) do
    local file = assert(io.open(path, "rb"))
    table.insert(bodies, file:read("*a"))
    file:close()
  end
  headers = { ["Content-Type"] = "application/octet-stream", ["Accept"] = args[2] or "application/json" }
  place = first
end

function request()
  local body = bodies[place % #bodies + 1]
  place = place + 1
  return wrk.format("POST", nil, headers, body)
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("%.1f requests/s, p50 %.1f ms, p99 %.1f ms, %d requests, %d not answered with success\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests, failed))
end

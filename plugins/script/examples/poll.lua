-- One poll at a time, with a deadline. {"type":"poll","content":{"question":"Lunch?","choices":["soup","pizza"],"minutes":5}} opens
-- a poll; {"type":"vote","content":2} votes, and may be sent again to change the vote. After the deadline, poll_closed has the result.

local text = { type = "string", minLength = 1, maxLength = 200 }

logged("poll", {
  schema = {
    type = "object",
    required = { "question", "choices", "minutes" },
    properties = {
      question = text,
      choices = { type = "array", minItems = 2, maxItems = 10, items = text },
      minutes = { type = "integer", minimum = 1, maximum = 1440 },
    },
    additionalProperties = false,
  },
})
logged("vote", { schema = { type = "integer", minimum = 1, maximum = 10 } })
logged("poll_closed", { from_server = true })
ephemeral("poll_open", { from_server = true })

local function result()
  local counts = list{}
  for i = 1, #state.poll.choices do counts[i] = 0 end
  for voter, choice in pairs(state.votes) do counts[choice] = counts[choice] + 1 end
  return { question = state.poll.question, choices = state.poll.choices, counts = counts }
end

function on_message(sender, message)
  if message.type == "poll" then
    if state.poll then reject("there is a poll already; wait until it is closed") end
    local time = message.content.minutes * 60000
    message.content.ends = room.unix_ms() + time
    room.wake_after(time)
  elseif not state.poll then
    reject("there is no poll")
  elseif message.content > #state.poll.choices then
    reject("there are only " .. #state.poll.choices .. " choices")
  end
  broadcast(message)
end

function apply(entry)
  if entry.type == "poll" then
    state.poll, state.votes = entry.content, {}
  elseif entry.type == "vote" then
    state.votes[entry.id] = entry.content
  else
    state.poll, state.votes = nil, nil
  end
end

function greet(newcomer, greeting)
  if state.poll then greeting.send({ type = "poll_open", content = result() }) end
end

-- Timers are lost when the room closes.
function on_open()
  if state.poll then room.wake_after(math.max(state.poll.ends - room.unix_ms(), 0)) end
end

function on_timer()
  if state.poll then room.post({ type = "poll_closed", content = result() }) end
end

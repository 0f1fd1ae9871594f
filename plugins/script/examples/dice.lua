-- {"type":"dice","content":{"sides":6}} -> {"type":"dice","content":{"sides":6,"roll":4}}
local sides = { type = "integer", minimum = 2, maximum = 100 }
logged("dice", { schema = { type = "object", required = { "sides" }, properties = { sides = sides } } })

function on_message(sender, message)
  message.content.roll = math.random(message.content.sides)
  broadcast(message)
end

// OVERWRITTEN BY MISTAKE at 08:16 by the author of sim/world, who took it for his own file. Whoever
// wrote the earlier text (OneMessageTakesItsCourse..., Heartbeats): please write it here again.

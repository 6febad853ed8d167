#include "sim/results/cost.h"

namespace greytick::results {

std::array<CostRow, kCostRows> cost_rows(const Cost& cost, std::uint64_t deliveries) {
  return {{{.name = "deliveries", .metric = "deliveries_per_message", .total = deliveries},
           {.name = "transactions",
            .metric = "transactions_per_message",
            .total = cost.shard_transactions},
           {.name = "device_transactions", .metric = {}, .total = cost.device_transactions},
           {.name = "frames", .metric = "frames_per_message", .total = cost.frames},
           {.name = "packets", .metric = "packets_per_message", .total = cost.packets},
           {.name = "bytes", .metric = "bytes_per_message", .total = cost.bytes},
           {.name = "events", .metric = "events_per_message", .total = cost.events}}};
}

}  // namespace greytick::results

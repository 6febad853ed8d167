#include "sim/cli/subject.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "sim/results/text.h"

namespace greytick::cli {

std::optional<Subject> of_offender(const nlohmann::json& finding) {
  const auto first = finding.find("first");
  if (first == finding.end() || !first->contains("conversation")) return std::nullopt;
  Subject out;
  out.name.conversation = model::ConversationId(first->at("conversation").get<std::uint64_t>());
  if (const auto sender = first->find("sender"); sender != first->end()) {
    out.name.device = model::DeviceId(sender->at("device").get<std::uint32_t>());
    out.name.incarnation = model::Incarnation(sender->at("incarnation").get<std::uint64_t>());
  }
  if (first->contains("cseq") && out.name.device) {
    out.name.cseq = model::ClientSeq(first->at("cseq").get<std::uint64_t>());
  }
  if (first->contains("position")) {
    out.name.position = model::LogPos(first->at("position").get<std::uint64_t>());
  }
  if (!out.name.cseq && !out.name.position) return std::nullopt;
  out.reason = fmt::format("{} was violated at {}: {}", finding.at("name").get<std::string>(),
                           results::clock_text(model::from_ns(first->at("at_ns"))),
                           first->at("text").get<std::string>());
  return out;
}

std::vector<Subject> slowest_of(const nlohmann::json& summary) {
  std::vector<Subject> out;
  for (const auto& s : summary.at("slowest")) {
    Subject one;
    one.name = {.conversation = model::ConversationId(s.at("conversation").get<std::uint64_t>()),
                .device = model::DeviceId(s.at("device").get<std::uint32_t>()),
                .incarnation = model::Incarnation(s.at("incarnation").get<std::uint64_t>()),
                .cseq = model::ClientSeq(s.at("cseq").get<std::uint64_t>()),
                .position = {}};
    one.reason = fmt::format("{} from create to device",
                             results::human_duration(model::Duration(s.at("latency_ns"))));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace greytick::cli

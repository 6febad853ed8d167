#include <algorithm>

#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/parts.h"
#include "sim/results/text.h"

namespace greytick::report {
namespace {

constexpr std::size_t kHops = 60;      // of one message
constexpr std::size_t kMessages = 40;  // of one page

std::string hop_row(const Input& input, const Hop& hop, const Hop* before, model::Duration total) {
  const double share = total.count() == 0 ? 0.0
                                          : 100.0 * static_cast<double>(hop.after.count()) /
                                                static_cast<double>(total.count());
  std::string out = "<tr>" + cell(results::clock_text(hop.at), true);
  out += cell(before == nullptr ? std::string() : "+" + results::human_duration(hop.after), true);
  // A bar beside its number: where the time went is seen at a glance.
  out +=
      before == nullptr
          ? cell("")
          : fmt::format("<td class=\"share\"><span style=\"width:{:.2f}rem\"></span>{:.0f}%</td>",
                        share * 0.05, share);
  out += fmt::format("<td>{}{}</td>", escaped(hop.what, 300),
                     hop.again ? " <small>again</small>" : "");
  const std::string faults = faults_between(input, before == nullptr ? hop.at : before->at, hop.at);
  return out + cell(faults) + "</tr>\n";
}

std::string hops(const Input& input, const Message& message) {
  std::string out = "<div class=\"wide\" tabindex=\"0\">\n<table>\n<thead><tr>";
  for (const char* column : {"at", "after", "share", "what happened", "faults in force"}) {
    out += fmt::format("<th scope=\"col\">{}</th>", column);
  }
  out += "</tr></thead>\n<tbody>\n";
  const model::Duration total = message.hops.back().at - message.hops.front().at;
  const std::size_t shown = std::min(message.hops.size(), kHops);
  for (std::size_t i = 0; i < shown; ++i) {
    out += hop_row(input, message.hops[i], i == 0 ? nullptr : &message.hops[i - 1], total);
  }
  out += "</tbody>\n</table>\n</div>\n";
  if (message.hops.size() > shown) {
    out += fmt::format("<p class=\"note\">{} more steps.</p>\n", message.hops.size() - shown);
  }
  return out;
}

}  // namespace

std::string messages_section(const Input& input) {
  std::string out =
      "<section aria-labelledby=\"messages\">\n<h2 id=\"messages\">Messages worth a look</h2>\n";
  if (input.messages.empty()) {
    return out + "<p>No message arrived, and none broke an invariant.</p>\n</section>\n";
  }
  if (!input.no_hops.empty()) {
    out += fmt::format("<p class=\"note\">{}</p>\n", escaped(input.no_hops));
  }
  const std::size_t shown = std::min(input.messages.size(), kMessages);
  bool first = true;
  for (std::size_t i = 0; i < shown; ++i) {
    const Message& message = input.messages[i];
    const std::string title =
        fmt::format("<b>{}</b> {}", escaped(message.name, 60), escaped(message.reason, 600));
    if (message.hops.empty()) {
      out += fmt::format("<p>{}</p>\n", title);
      continue;
    }
    out += fmt::format("<details{}>\n<summary>{}</summary>\n{}</details>\n", first ? " open" : "",
                       title, hops(input, message));
    first = false;
  }
  return out +
         "<p class=\"hint\">A message is named SENDER DEVICE:CONVERSATION:NUMBER, as "
         "<code>greytick explain RUN --msg</code> takes it.</p>\n</section>\n";
}

}  // namespace greytick::report

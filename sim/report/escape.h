// Text on its way into a page. A scenario's own words come from whoever wrote the file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace greytick::report {

/// Fit for an element's content and for an attribute in quotes: & < > " ' become references, and
/// control characters other than tab and newline, and bytes that are no UTF-8, become U+FFFD.
/// Longer than `max` bytes it is cut at a character and ends in "…".
std::string escaped(std::string_view text, std::size_t max = 2000);

/// Compact JSON for a <script> element: nothing in it can end the element or open a comment, since
/// every '<' is written as \u003c.
std::string json_for_script(const nlohmann::ordered_json& json);

}  // namespace greytick::report

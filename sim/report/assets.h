// The files that a page carries inside it, taken in when the program is built.
#pragma once

#include <string_view>

namespace greytick::report {

extern const std::string_view kPageCss, kPageJs;                   // of this folder
extern const std::string_view kUplotCss, kUplotJs, kUplotLicence;  // third_party/uplot

}  // namespace greytick::report

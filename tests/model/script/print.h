// Frames, facts and records as short readable lines, for scripts.
#pragma once

#include <string>

#include "model/fact.h"
#include "model/frame.h"
#include "model/machine.h"

namespace greytick::model::script {

std::string name_of(const Address& address);  // "alice", "gw0", "c0", "m1", "push", ...
std::string name_of(DeviceId device);
std::string time_text(Duration since_start);  // "12s", "1.5s", "30d"
/// "send conversation=7 cseq=1 ...": the frame's name, then what a reader needs to judge it.
std::string text_of(const Frame& frame);
std::string text_of(const Fact& fact);
std::string text_of(const Record& record);

}  // namespace greytick::model::script

// latency.hlog: histograms as the tools of HdrHistogram read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/histogram.h"

namespace greytick::results {

struct TaggedHistogram {
  std::string tag;  // no comma, no space
  const Histogram* histogram;
};

/// The V2 encoding of a histogram inside its "compressed" envelope, before base64. The envelope's
/// zlib stream holds stored blocks: every reader accepts them and no compressor is needed.
/// Source: HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer; RFC 1950, RFC 1951.
std::vector<std::uint8_t> encode_v2(const Histogram& histogram);

/// RFC 4648, with padding.
std::string base64(const std::vector<std::uint8_t>& bytes);

/// A log of format version 1.3 with one line a histogram, all over [0, seconds). Values are ns; the
/// column of maxima is ms, as that format has it.
std::string hdr_log(const std::vector<TaggedHistogram>& histograms, double seconds);

}  // namespace greytick::results

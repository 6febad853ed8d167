#include "sim/results/hdr_log.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace greytick::results {
namespace {

constexpr std::uint32_t kEncodingCookie = 0x1c849303U | 0x10U;
constexpr std::uint32_t kCompressedCookie = 0x1c849304U | 0x10U;

using Bytes = std::vector<std::uint8_t>;

template <class T>
void put_big_endian(Bytes& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>((value >> shift) & 0xffU));
  }
}

// Zigzag, then seven bits a byte; the ninth byte holds eight.
void put_zigzag(Bytes& out, std::int64_t value) {
  std::uint64_t v =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 0; i < 8 && v >= 0x80; ++i) {
    out.push_back(static_cast<std::uint8_t>(v | 0x80U));
    v >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(v));
}

Bytes counts_payload(const Histogram& histogram) {
  Bytes out;
  const auto counts = histogram.counts();
  for (std::size_t i = 0; i < counts.size();) {
    if (counts[i] != 0) {
      put_zigzag(out, static_cast<std::int64_t>(counts[i++]));
      continue;
    }
    std::int64_t zeros = 0;
    for (; i < counts.size() && counts[i] == 0; ++i) ++zeros;
    put_zigzag(out, -zeros);
  }
  return out;
}

Bytes zlib_stored(const Bytes& data) {
  Bytes out = {0x78, 0x01};
  constexpr std::size_t kBlock = 65535;
  std::size_t at = 0;
  do {
    const std::size_t n = std::min(kBlock, data.size() - at);
    const bool last = at + n == data.size();
    out.push_back(last ? 1 : 0);
    const auto length = static_cast<std::uint16_t>(n);
    for (const unsigned word : {unsigned{length}, ~unsigned{length} & 0xffffU}) {
      out.push_back(static_cast<std::uint8_t>(word & 0xffU));
      out.push_back(static_cast<std::uint8_t>(word >> 8));
    }
    out.insert(out.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
               data.begin() + static_cast<std::ptrdiff_t>(at + n));
    at += n;
  } while (at < data.size());
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  put_big_endian<std::uint32_t>(out, (b << 16) | a);
  return out;
}

}  // namespace

std::vector<std::uint8_t> encode_v2(const Histogram& histogram) {
  const Bytes payload = counts_payload(histogram);
  Bytes plain;
  put_big_endian(plain, kEncodingCookie);
  put_big_endian(plain, static_cast<std::uint32_t>(payload.size()));
  put_big_endian(plain, std::uint32_t{0});  // normalizing index offset
  put_big_endian(plain, std::uint32_t{Histogram::kSignificantDigits});
  put_big_endian(plain, std::uint64_t{1});  // lowest discernible value
  put_big_endian(plain, static_cast<std::uint64_t>(Histogram::kMax));
  put_big_endian(plain, std::bit_cast<std::uint64_t>(1.0));  // integer to double ratio
  plain.insert(plain.end(), payload.begin(), payload.end());

  const Bytes packed = zlib_stored(plain);
  Bytes out;
  put_big_endian(out, kCompressedCookie);
  put_big_endian(out, static_cast<std::uint32_t>(packed.size()));
  out.insert(out.end(), packed.begin(), packed.end());
  return out;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      word = (word << 8) | (j < n ? bytes[i + j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= n ? kDigits[(word >> (18 - 6 * j)) & 0x3fU] : '=';
    }
  }
  return out;
}

std::string hdr_log(const std::vector<TaggedHistogram>& histograms, double seconds) {
  std::string out =
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: 0.000 (seconds since epoch), the start of the simulation]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
  for (const TaggedHistogram& h : histograms) {
    out +=
        fmt::format("Tag={},0.000,{:.3f},{:.3f},{}\n", h.tag, seconds,
                    static_cast<double>(h.histogram->max()) / 1e6, base64(encode_v2(*h.histogram)));
  }
  return out;
}

}  // namespace greytick::results

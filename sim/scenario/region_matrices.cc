#include "sim/scenario/region_matrices.h"

#include <algorithm>
#include <array>

namespace greytick::scenario {
namespace {

struct Usual {
  std::string_view name, aws, azure;
  std::string_view ibm;  // empty: no zone near
};

constexpr std::array<Usual, 8> kUsual{
    {{"eu", "eu-central-1", "Germany West Central", "eu-de-fra02-a"},
     {"in", "ap-south-1", "Central India", "in-mum-mum02-a"},
     {"br", "sa-east-1", "Brazil South", "br-sao-sao01-a"},
     {"use", "us-east-1", "East US", "us-east-wdc04-a"},
     {"usw", "us-west-2", "West US 2", ""},
     {"sg", "ap-southeast-1", "Southeast Asia", ""},
     {"me", "me-south-1", "UAE North", ""},
     {"za", "af-south-1", "South Africa North", ""}}};

}  // namespace

std::string_view matrix_file(RegionMatrix matrix) {
  switch (matrix) {
    case RegionMatrix::kAws:
      return "data/aws_interregion_rtt_ms.csv";
    case RegionMatrix::kAzureP95:
      return "data/azure_interregion_p95_rtt_ms.csv";
    case RegionMatrix::kIbmZones:
      return "data/ibm_zones_rtt_ms.csv";
    case RegionMatrix::kUniform:
      break;
  }
  return {};
}

std::string_view usual_location(std::string_view region) {
  const auto* const usual = std::ranges::find(kUsual, region, &Usual::name);
  return usual == kUsual.end() ? region : usual->aws;
}

std::string_view location_in(RegionMatrix matrix, std::string_view aws_location) {
  const auto* const usual = std::ranges::find(kUsual, aws_location, &Usual::aws);
  if (usual == kUsual.end()) return aws_location;
  if (matrix == RegionMatrix::kAzureP95) return usual->azure;
  if (matrix == RegionMatrix::kIbmZones && !usual->ibm.empty()) return usual->ibm;
  return aws_location;
}

}  // namespace greytick::scenario

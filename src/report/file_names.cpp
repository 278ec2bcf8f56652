#include "report/file_names.h"

#include <fmt/format.h>

#include "core/text.h"

namespace qc {
namespace {

std::string study_name(const StudyData& data) { return data.study.name.empty() ? "study" : slug(data.study.name); }

std::string hardware_name(const StudyData& data) {
  const std::string name = data.study.hardware.name.value_or(data.run.hardware_short);
  return name.empty() ? "unknown" : lower(slug(name));
}

}  // namespace

std::string capacity_file(const StudyData& data, const std::string& workload, const std::string& variant) {
  return fmt::format("{}_{}_capacity_{}_{}.csv", study_name(data), slug(workload), hardware_name(data), slug(variant));
}

std::string quality_file(const StudyData& data) { return study_name(data) + "_quant_quality_eval.json"; }

}  // namespace qc

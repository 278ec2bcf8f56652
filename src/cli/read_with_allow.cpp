#include "cli/read_with_allow.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/fairness_text.h"
#include "study/read.h"

namespace qc {

namespace {

/// Reads once for what the study itself allows, and once more with all of it.
template <class Read>
Result<Study> with_allow(const Read& read, std::vector<std::string> set, const std::vector<std::string>& allow) {
  auto study = read(set);
  if (!study) return study;
  std::vector<std::string> all = study->allow;
  for (const auto& name : allow)
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  if (auto s = check_allowed(allow); !s) return fail(s.error());
  if (all == study->allow) return study;
  set.push_back(fmt::format("study.allow=[\"{}\"]", fmt::join(all, "\", \"")));
  return read(set);
}

}  // namespace

Result<Study> read_with_allow(const std::string& file, std::vector<std::string> set, const std::vector<std::string>& only, const std::vector<std::string>& allow) {
  return with_allow([&](const std::vector<std::string>& sets) { return read_study(file, {.set = sets, .only = only}); }, std::move(set), allow);
}

Result<Study> parse_with_allow(const std::string& text, const std::string& name, std::vector<std::string> set, const std::vector<std::string>& allow) {
  return with_allow([&](const std::vector<std::string>& sets) { return parse_study(text, name, {.set = sets, .only = {}}); }, std::move(set), allow);
}

}  // namespace qc

#include "cli/read_with_allow.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/fairness_text.h"
#include "study/read.h"

namespace qc {

Result<Study> read_with_allow(const std::string& file, std::vector<std::string> set, const std::vector<std::string>& only, const std::vector<std::string>& allow) {
  auto study = read_study(file, {.set = set, .only = only});
  if (!study) return study;
  std::vector<std::string> all = study->allow;
  for (const auto& name : allow)
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  if (auto s = check_allowed(allow); !s) return fail(s.error());
  if (all == study->allow) return study;
  set.push_back(fmt::format("study.allow=[\"{}\"]", fmt::join(all, "\", \"")));
  return read_study(file, {.set = set, .only = only});
}

}  // namespace qc

#pragma once
// Where each key of a study was found, and whether its value was taken: what the checks need to point at a line.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "study/problems.h"

namespace qc {

struct Sources {
  std::map<std::string, KeyPlace> keys;                   ///< by dotted path; tables are there too
  std::set<std::string> refused;                       ///< those of them whose value would not do
  std::vector<std::string> variants, workloads;        ///< paths of the tables, in the file's order: "variant.awq", "variant[2]"

  [[nodiscard]] bool has(const std::string& path) const { return keys.contains(path); }
  /// Nobody complained about it: taken, or not in the file at all.
  [[nodiscard]] bool good(const std::string& path) const { return !refused.contains(path); }
  [[nodiscard]] KeyPlace place(const std::string& path) const { return place_in(keys, path); }
  void note(const std::string& path, KeyPlace place, bool taken) {
    keys[path] = std::move(place);
    if (!taken) refused.insert(path);
  }
};

}  // namespace qc

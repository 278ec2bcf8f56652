#pragma once
// Where each key of a study was found, and whether its value was taken: what the checks need to point at a line.
#include <map>
#include <string>
#include <vector>

#include "study/problems.h"

namespace qc {

struct Sources {
  struct Found {
    Place place;
    bool taken = false;
  };
  std::map<std::string, Found> keys;                   ///< by dotted path; tables are there too
  std::vector<std::string> variants, workloads;        ///< paths of the tables, in the file's order: "variant.awq", "variant[2]"

  bool has(const std::string& path) const { return keys.contains(path); }
  /// Nobody complained about it: taken, or not in the file at all.
  bool good(const std::string& path) const {
    const auto at = keys.find(path);
    return at == keys.end() || at->second.taken;
  }
  /// Of the key, else of its table, else the file's first line.
  Place place(const std::string& path) const {
    if (const auto at = keys.find(path); at != keys.end()) return at->second.place;
    const auto table = keys.find(path.substr(0, path.rfind('.')));
    return table == keys.end() ? Place{} : table->second.place;
  }
};

}  // namespace qc

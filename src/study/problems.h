#pragma once
// Everything found wrong in one study file, told in one go.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// Where a value stands: a line of the file, or the --set that put it there.
struct KeyPlace {
  int line = 1;
  std::string set;  ///< "study.blocks=2"; empty: from the file
};

struct Problem {
  KeyPlace place;
  std::string key;                     ///< "variant.awq.model"
  std::string found;                   ///< "the string "many"", "nothing"
  std::string accepted;                ///< "a whole number from 1 to 1000"
  std::optional<std::string> nearest;  ///< what was probably meant
};

/// Of the key, else of its table ("variant.awq"), else the file's first line.
KeyPlace place_in(const std::map<std::string, KeyPlace>& places, const std::string& key);

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(Problem problem) { found_.push_back(std::move(problem)); }
  [[nodiscard]] bool empty() const { return found_.empty(); }
  /// A line each (of a flag without a line of the file), in the order of the file, those of --set last: `FILE:LINE: KEY: found ...; accepted: ...; did you mean ...?`
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::string line_of(const Problem& problem) const;
  std::string file_;
  std::vector<Problem> found_;
};

/// The text in double quotes, control characters escaped, cut after 60 bytes: for values of files that nobody checked yet.
std::string in_quotes(std::string_view text);

}  // namespace qc

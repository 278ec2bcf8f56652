#pragma once
// How a TOML value becomes one of ours: a Codec says what it accepts and reads it, whatever field it is for.
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/toml.h"

namespace qc {

/// What was read, or why not: `found` and `nearest` only where they say more than the value itself.
template <class T>
struct Taken {
  std::optional<T> value;
  std::optional<std::string> found, nearest;
};

template <class T>
struct Codec {
  std::string accepted;
  std::function<Taken<T>(const toml::node&)> read;
};

/// The value for a message: `the string "3"`, `0`, `[1, 8, 8]`, `a table`.
std::string describe(const toml::node& node);

Codec<int> whole_number(int least, int most);
Codec<std::uint64_t> seed_number();
/// Bounds are inclusive unless said otherwise; never infinite, never NaN. Whole numbers are taken too.
Codec<double> number(std::string accepted, std::function<bool(double)> fits);
Codec<bool> yes_or_no();
Codec<std::string> text_with(std::string accepted, std::function<Taken<std::string>(const std::string&)> read);
Codec<std::string> any_text();
Codec<std::string> text_that(std::string accepted, std::function<bool(const std::string&)> fits);
/// Letters, digits, '.', '_', '-', at most 64: it becomes part of file names. Suggests the nearest such name.
Codec<std::string> file_safe_name();
Codec<std::string> one_of_words(std::vector<std::string> words);
Codec<std::vector<std::string>> list_of(Codec<std::string> item, std::size_t least = 0);
/// The same, each word once.
Codec<std::vector<std::string>> set_of(Codec<std::string> item);
Codec<std::vector<int>> different_whole_numbers(int least, int most);
Codec<std::map<std::string, std::string>> environment();

template <class Enum>
Codec<Enum> one_of(std::vector<Enum> values) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const Enum value : values) words.emplace_back(to_string(value));
  const Codec<std::string> word = one_of_words(words);
  return {word.accepted, [word, values, words](const toml::node& node) {
            const Taken<std::string> taken = word.read(node);
            Taken<Enum> result{{}, taken.found, taken.nearest};
            for (std::size_t i = 0; i < words.size(); ++i)
              if (taken.value == words[i]) result.value = values[i];
            return result;
          }};
}

// The value as v_study keeps it: plain text, lists as TOML writes them.
inline std::string shown(const std::string& v) { return v; }
inline std::string shown(bool v) { return v ? "true" : "false"; }
inline std::string shown(int v) { return fmt::format("{}", v); }
inline std::string shown(std::uint64_t v) { return fmt::format("{}", v); }
inline std::string shown(double v) { return fmt::format("{}", v); }
std::string shown(const std::vector<std::string>& v);
std::string shown(const std::vector<int>& v);
std::string shown(const std::map<std::string, std::string>& v);

}  // namespace qc

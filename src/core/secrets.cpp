#include "core/secrets.h"

#include <regex>

namespace qc {
namespace {

// "--max-tokens 5" and "--tokenizer X" are none: the word must end the name, but for a number.
#define QC_SECRET_WORD "(?:key|token|secret|password|passwd|credentials?)(?:_?[0-9]+)?"

constexpr auto kCaseless = std::regex::icase | std::regex::optimize;

const std::regex& secret_flag() {
  static const std::regex flag("--[A-Za-z-]*" QC_SECRET_WORD, kCaseless);
  return flag;
}

/// "--api-key=abc", "HF_TOKEN=abc", "--env=HF_TOKEN=abc": what stands before a value that takes the rest of the word.
std::string name_and_sign(const std::string& word) {
  static const std::regex assigned("(?:--?[A-Za-z-]+=)?(?:--)?[A-Za-z0-9_-]*" QC_SECRET_WORD "=", kCaseless);
  std::smatch found;
  return std::regex_search(word, found, assigned, std::regex_constants::match_continuous) ? found.str() : "";
}

/// Wherever they stand in a text: assignments, as a shell has them, and the headers of HTTP.
std::string without_assignments(const std::string& text) {
  static const std::regex variable("([A-Za-z0-9_-]*" QC_SECRET_WORD "=)('[^']*'|\"[^\"]*\"|[^\\s;'\"]+)", kCaseless);
  static const std::regex header("((?:authorization|[a-z-]*api-?key) *: *(?:(?:bearer|basic) +)?|bearer +)([^\\s;'\"]+)", kCaseless);
  return std::regex_replace(std::regex_replace(text, variable, "$1(hidden)"), header, "$1(hidden)");
}

}  // namespace

std::string without_secrets(const std::string& command) {
  static const std::regex flag("(--[A-Za-z-]*" QC_SECRET_WORD ")(=| +|\"\\s*,\\s*\")('[^']*'|[^\\s\"]+)", kCaseless);
  return without_assignments(std::regex_replace(command, flag, "$1$2(hidden)"));
}

std::vector<std::string> without_secrets(std::vector<std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && std::regex_match(words[i - 1], secret_flag())) words[i] = kHidden;
    else if (const std::string name = name_and_sign(words[i]); !name.empty()) words[i] = name + kHidden;
    else words[i] = without_assignments(words[i]);
  }
  return words;
}

bool names_a_secret(const std::string& variable) {
  static const std::regex name("(key|token|secret|password|passwd|credential)s?(_?[0-9]+)?$", std::regex::icase);
  static const std::regex count("tokens$", std::regex::icase);
  return std::regex_search(variable, name) && !std::regex_search(variable, count);
}

}  // namespace qc

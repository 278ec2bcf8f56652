#include "core/secrets.h"

#include <regex>

namespace qc {
namespace {

// "--max-tokens 5" and "--tokenizer X" are none: the word must end the name.
const std::regex& secret_flag() {
  static const std::regex flag(R"(--[A-Za-z-]*(?:key|token|secret|password))", std::regex::icase);
  return flag;
}

/// "--api-key=abc", "HF_TOKEN=abc": what stands before the value.
std::string name_and_sign(const std::string& word) {
  static const std::regex assigned(R"((?:--[A-Za-z-]*(?:key|token|secret|password)|[A-Za-z0-9_]*(?:key|token|secret|password))=)", std::regex::icase);
  std::smatch found;
  return std::regex_search(word, found, assigned, std::regex_constants::match_continuous) ? found.str() : "";
}

}  // namespace

std::string without_secrets(const std::string& command) {
  static const std::regex flag(R"((--[A-Za-z-]*(?:key|token|secret|password))(=| +|"\s*,\s*")('[^']*'|[^\s"]+))", std::regex::icase);
  static const std::regex variable(R"(([A-Za-z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD)=)('[^']*'|\S+))");
  return std::regex_replace(std::regex_replace(command, flag, "$1$2(hidden)"), variable, "$1(hidden)");
}

std::vector<std::string> without_secrets(std::vector<std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && std::regex_match(words[i - 1], secret_flag())) words[i] = kHidden;
    else if (const std::string name = name_and_sign(words[i]); !name.empty()) words[i] = name + kHidden;
  }
  return words;
}

bool names_a_secret(const std::string& variable) {
  static const std::regex name("(key|token|secret|password|passwd|credential)s?$", std::regex::icase);
  static const std::regex count("tokens$", std::regex::icase);
  return std::regex_search(variable, name) && !std::regex_search(variable, count);
}

}  // namespace qc

#include "report/secrets.h"

#include <regex>

namespace qc {

std::string without_secrets(const std::string& command) {
  // "--max-tokens 5" and "--tokenizer X" are none: the word must end the flag's name.
  static const std::regex flag(R"((--[A-Za-z-]*(?:key|token|secret|password))(=| +)('[^']*'|\S+))", std::regex::icase);
  static const std::regex variable(R"(([A-Za-z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD)=)('[^']*'|\S+))");
  return std::regex_replace(std::regex_replace(command, flag, "$1$2(hidden)"), variable, "$1(hidden)");
}

bool names_a_secret(const std::string& variable) {
  static const std::regex name("(key|token|secret|password|passwd|credential)", std::regex::icase);
  return std::regex_search(variable, name);
}

}  // namespace qc

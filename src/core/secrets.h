#pragma once
// Commands and settings are printed and kept; what opens a door is not.
#include <string>
#include <vector>

namespace qc {

/// The command with the values of --api-key, HF_TOKEN=... and the like as "(hidden)".
std::string without_secrets(const std::string& command);
/// The same for words that are not yet one line.
std::vector<std::string> without_secrets(std::vector<std::string> words);
/// Whether a variable's name says that its value is a secret ("HF_TOKEN"; "MAX_TOKENS" is none).
bool names_a_secret(const std::string& variable);

inline constexpr const char* kHidden = "(hidden)";

}  // namespace qc

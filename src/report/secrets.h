#pragma once
// Commands are printed and kept; what opens a door is not.
#include <string>

namespace qc {

/// The command with the values of --api-key, HF_TOKEN=... and the like as "(hidden)".
std::string without_secrets(const std::string& command);
/// Whether a variable's name says that its value is a secret.
bool names_a_secret(const std::string& variable);

}  // namespace qc

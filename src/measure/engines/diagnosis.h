#pragma once
// What a server's last words mean, and what to do about it. Text in, text out.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/process.h"

namespace qc {

/// A sentence with the remedy for texts and signals that we know; empty for others.
std::string remedy_for(std::string_view log, const std::optional<Exit>& exit);

/// The server could not bind its port: another one may do.
bool port_was_taken(std::string_view log);

/// One paragraph for a server that failed: `what` happened, its telling last lines, the remedy, the command, where the log is.
std::string failure_report(const std::string& what, std::string_view log, const std::optional<Exit>& exit, const std::string& command,
                           const std::filesystem::path& log_path);

}  // namespace qc

#pragma once
// What /proc says of the running processes: who belongs to whom. Linux only, like all of core/host and core/process.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace qc {

/// One line of /proc/<pid>/stat, as far as we need it.
struct ProcessRow {
  pid_t pid = 0, parent = 0, group = 0;
  char state = '?';                 ///< 'Z': ended, not yet reaped
  double cpu_s = 0;                 ///< user plus system
};

/// Empty when there is no such process.
std::optional<ProcessRow> process_row(pid_t pid);

/// Every process that /proc shows.
std::vector<ProcessRow> process_table();

/// The process itself (when it exists) and its living descendants, each once, the process first.
std::vector<pid_t> process_tree(pid_t root);

/// Living members of a process group (zombies left out).
std::vector<pid_t> group_members(pid_t group);

/// A small text file of /proc or /sys, whole; empty when it can't be read (core/files.h reports reasons, this does not).
std::string read_proc(const std::string& path);

}  // namespace qc

#include "core/proc_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <sstream>

namespace qc {
namespace {

/// Calls `visit` for every entry of a folder whose name is a number.
void for_each_number(const std::string& folder, const std::function<void(pid_t)>& visit) {
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return;
  while (const dirent* entry = readdir(dir)) {
    const pid_t n = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (n > 0) visit(n);
  }
  closedir(dir);
}

/// The kernel keeps a list of children by thread; asking for it costs a few reads where the whole table costs one a process.
bool have_children_lists() {
  static const bool have = access("/proc/thread-self/children", R_OK) == 0;
  return have;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for_each_number(tasks, [&](pid_t thread) {
    std::istringstream in(read_proc(tasks + "/" + std::to_string(thread) + "/children"));
    for (pid_t child; in >> child;) children.push_back(child);
  });
  return children;
}

std::vector<pid_t> children_in(const std::vector<ProcessRow>& table, pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& row : table)
    if (row.parent == pid) children.push_back(row.pid);
  return children;
}

}  // namespace

std::string read_proc(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  char chunk[4096];
  for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<std::size_t>(n));
  close(fd);
  return text;
}

std::optional<ProcessRow> process_row(pid_t pid) {
  const std::string text = read_proc("/proc/" + std::to_string(pid) + "/stat");
  // The second field is the program's name in parentheses and may hold spaces and parentheses: what follows the last one counts.
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream in(text.substr(name_end + 2));
  ProcessRow row;
  row.pid = pid;
  std::string skipped;
  in >> row.state >> row.parent >> row.group;
  for (int field = 6; field <= 13; ++field) in >> skipped;
  double user = 0, system = 0;
  in >> user >> system;  // fields 14 and 15, in clock ticks
  if (!in) return std::nullopt;
  row.cpu_s = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return row;
}

std::vector<ProcessRow> process_table() {
  std::vector<ProcessRow> table;
  for_each_number("/proc", [&](pid_t pid) {
    if (auto row = process_row(pid)) table.push_back(*row);
  });
  return table;
}

std::vector<pid_t> process_tree(pid_t root) {
  if (!process_row(root)) return {};
  const bool lists = have_children_lists();
  const auto table = lists ? std::vector<ProcessRow>{} : process_table();
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i)
    for (const pid_t child : lists ? children_of(tree[i]) : children_in(table, tree[i]))
      if (std::find(tree.begin(), tree.end(), child) == tree.end()) tree.push_back(child);
  return tree;
}

std::vector<pid_t> group_members(pid_t group) {
  std::vector<pid_t> members;
  for (const auto& row : process_table())
    if (row.group == group && row.state != 'Z' && row.state != 'X') members.push_back(row.pid);
  return members;
}

}  // namespace qc

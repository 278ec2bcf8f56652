#pragma once
// Waiting and looking, without trusting the code under test: processes are looked up by kill(pid, 0) and /proc.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

namespace qc::test {

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool wait_until(const std::function<bool()>& condition, double limit_s) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(limit_s);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Alive: there, and no zombie (an orphan is reaped by whoever is process 1 here, which may take its time).
inline bool alive(pid_t pid) {
  if (pid <= 1 || kill(pid, 0) != 0) return false;
  const auto stat = read_all("/proc/" + std::to_string(pid) + "/stat");
  const auto at = stat.rfind(") ");
  return at != std::string::npos && stat[at + 2] != 'Z' && stat[at + 2] != 'X';
}

/// SIGKILL to one process that a test started, and to nothing else: kill() takes 0 and negative numbers for groups and for everyone.
inline void end_process(pid_t pid) {
  if (pid <= 1) throw std::invalid_argument("no process to end: " + std::to_string(pid));
  kill(pid, SIGKILL);
}

/// A folder of this test process's own, gone when it ends.
inline std::filesystem::path scratch() {
  struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("qc_test_" + std::to_string(getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
  };
  static const Folder folder;
  return folder.path;
}

/// The number after `word` in a log, once it is there. Throws after ten seconds without: a test that goes on would signal a wrong process.
inline pid_t pid_after(const std::filesystem::path& log, const std::string& word) {
  pid_t found = -1;
  const bool there = wait_until([&] {
    const auto text = read_all(log);
    const auto at = text.find(word + " ");
    if (at == std::string::npos || text.find('\n', at) == std::string::npos) return false;
    found = static_cast<pid_t>(std::stol(text.substr(at + word.size() + 1)));
    return true;
  }, 10);
  if (!there || found <= 1) throw std::runtime_error("no line \"" + word + " PID\" in " + log.string());
  return found;
}

}  // namespace qc::test

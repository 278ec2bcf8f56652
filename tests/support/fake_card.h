#pragma once
// A card that is a folder: each living process that holds memory has a file there, named by its pid, with its MiB.
#include <filesystem>
#include <fstream>
#include <string>

namespace qc::test {

inline constexpr unsigned long long kMiB = 1ULL << 20;
/// What the driver and others hold.
inline constexpr unsigned long long kOthersMib = 512;

/// Neither gone nor waiting to be reaped: what it held is free then.
inline bool holds_memory(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string stat{std::istreambuf_iterator<char>(in), {}};
  const auto end = stat.rfind(") ");
  return end != std::string::npos && stat[end + 2] != 'Z';
}

inline unsigned long long held_by(const std::filesystem::path& file) {
  unsigned long long mib = 0;
  std::ifstream(file) >> mib;
  return mib;
}

inline unsigned long long used_of(const std::filesystem::path& card, const std::string& but_not = "") {
  unsigned long long mib = kOthersMib;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(card, ignored)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") == std::string::npos && pid != but_not && holds_memory(pid)) mib += held_by(entry.path());
  }
  return mib * kMiB;
}

/// Written whole: a reader never finds half a number.
inline void hold(const std::filesystem::path& card, const std::string& pid, unsigned long long mib) {
  const auto half = card / (pid + ".tmp");
  std::ofstream(half) << mib;
  std::filesystem::rename(half, card / pid);
}

/// One line of what servers did, in order.
inline void write_down(const std::filesystem::path& card, const std::string& line) { std::ofstream(card / "events", std::ios::app) << line + "\n" << std::flush; }

}  // namespace qc::test

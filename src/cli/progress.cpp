#include "cli/progress.h"

#include <stdio_ext.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace qc {
namespace {

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string bar_text(double fraction, Seconds eta, const std::string& doing, int width) {
  const int cells = 20;
  const int full = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * cells));
  std::string text = fmt::format("[{}{}] {:3.0f} %", std::string(static_cast<std::size_t>(full), '#'), std::string(static_cast<std::size_t>(cells - full), '.'), fraction * 100);
  if (eta.count() > 0) text += fmt::format("  about {} left", duration_text(eta));
  text += "  " + doing;
  return text.substr(0, static_cast<std::size_t>(width - 1));
}

}  // namespace

bool put_text(std::FILE* to, const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0) return true;
  __fpurge(to);
  std::clearerr(to);
  return false;
}

std::string duration_text(Seconds s) {
  const long total = std::lround(std::max(0.0, s.count()));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02d} s", total / 60, total % 60);
  return fmt::format("{} h {:02d} min", total / 3600, total % 3600 / 60);
}

Progress::Progress(ProgressOptions options) : options_(std::move(options)), terminal_(isatty(STDERR_FILENO) != 0), last_(monotonic_clock().now()) {
  if (!options_.log_file.empty()) log_ = std::fopen(options_.log_file.c_str(), "a");
}

Progress::~Progress() {
  clear();
  if (log_) std::fclose(log_);
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Progress::say(const std::string& line) {
  if (log_) put_text(log_, line + "\n");
  if (options_.quiet) return;
  clear();
  put_text(stderr, line + "\n");
  last_ = monotonic_clock().now();
}

void Progress::bar(double fraction, Seconds eta, const std::string& doing) {
  if (options_.quiet) return;
  const Instant now = monotonic_clock().now();
  if (seconds(now - last_) < (terminal_ ? 0.2 : 10)) return;
  last_ = now;
  const std::string text = bar_text(fraction, eta, doing, terminal_ ? terminal_width() : 120);
  if (!terminal_) {
    put_text(stderr, text + "\n");
    return;
  }
  put_text(stderr, fmt::format("\r\033[K{}{}{}", options_.color ? "\033[2m" : "", text, options_.color ? "\033[0m" : ""));
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace qc

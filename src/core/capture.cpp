// capture(): a short command run to its end, its output held in memory.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "core/process.h"
#include "core/text.h"

namespace qc {
namespace {

constexpr std::size_t kMostOutput = 1u << 20;

/// A file in memory: unlike a pipe it never makes the child wait for us.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string text() const {
    std::string bytes(kMostOutput, '\0');
    const ssize_t n = pread(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

 private:
  int fd_;
};

/// The last line a failed command wrote, for the message.
std::string last_words(const MemoryFile& output, const MemoryFile& errors) {
  for (const auto* file : {&errors, &output}) {
    const auto text = file->text();
    const auto end = trim(text);
    if (!end.empty()) return ": " + std::string(end.substr(end.rfind('\n') == std::string_view::npos ? 0 : end.rfind('\n') + 1));
  }
  return {};
}

}  // namespace

Result<std::string> capture(const Command& command, Seconds limit) {
  const MemoryFile output("stdout"), errors("stderr");
  if (output.fd() < 0 || errors.fd() < 0) return fail(Fault::engine, std::string("no memory file for a command's output: ") + std::strerror(errno));
  auto process = Process::start(command, output.fd(), errors.fd());
  if (!process) return fail(process.error());
  const auto shown = shell_quoted(command.words);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!process->exited()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(Fault::engine, fmt::format("{} did not end within {:g} s and was stopped{}", shown, limit.count(), last_words(output, errors)));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto ended = *process->exited();
  if (ended.code != 0) return fail(Fault::engine, fmt::format("{} failed with {}{}", shown, ended.text(), last_words(output, errors)));
  return output.text();
}

}  // namespace qc

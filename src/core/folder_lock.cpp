#include "core/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace qc {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Fault::usage, folder.string() + ": cannot be made: " + error.message());
  const std::filesystem::path path = folder / ".lock";
  FolderLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) return fail(Fault::usage, folder.string() + ": cannot be written: " + std::generic_category().message(errno));
  if (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> text{};
    const auto n = pread(lock.file_, text.data(), text.size() - 1, 0);
    const std::string holder(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    return fail(Fault::usage, folder.string() + ": another quantcase is at work there" + (holder.empty() ? "" : " (process " + holder + ")") + ": wait for it, or give this one a folder of its own with --out");
  }
  const std::string own = std::to_string(getpid());
  if (ftruncate(lock.file_, 0) != 0 || pwrite(lock.file_, own.data(), own.size(), 0) < 0) return lock;   // the lock holds without its name
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace qc

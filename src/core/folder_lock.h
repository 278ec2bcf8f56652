#pragma once
// One program at a time in a folder.
#include <filesystem>

#include "core/result.h"

namespace qc {

/// Held until it is destroyed or the process ends, however it ends. The file `.lock` in the folder stays.
class FolderLock {
 public:
  /// Makes the folder. Fails as usage where another process holds it (its id is named), or where the folder can't be written.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace qc

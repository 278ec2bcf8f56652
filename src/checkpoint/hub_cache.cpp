#include "checkpoint/hub_cache.h"

#include <cstdlib>

#include "core/files.h"
#include "core/text.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value ? std::optional<fs::path>(expand_path(value)) : std::nullopt;
}

}  // namespace

fs::path hub_cache_dir() {
  if (const auto own = folder_from("HF_HUB_CACHE")) return *own;
  if (const auto home = folder_from("HF_HOME")) return *home / "hub";
  return folder_from("XDG_CACHE_HOME").value_or(expand_path("~/.cache")) / "huggingface" / "hub";
}

std::optional<fs::path> hub_snapshot(std::string_view id, const std::string& revision) {
  std::string name = "models";
  for (const std::string& part : split(id, '/')) name += "--" + part;
  const fs::path model = hub_cache_dir() / name;
  const auto ref = read_file(model / "refs" / revision);
  const std::string commit = ref ? std::string(trim(*ref)) : revision;
  const fs::path snapshot = model / "snapshots" / commit;
  std::error_code error;
  return !commit.empty() && fs::is_directory(snapshot, error) ? std::optional(snapshot) : std::nullopt;
}

}  // namespace qc

#include "gguf/tokenizer_keys.h"

#include <algorithm>
#include <fstream>

#include "core/files.h"
#include "gguf/layout.h"

namespace qc {

Result<std::string> gguf_tokenizer_sha256(const std::filesystem::path& path) {
  auto layout = read_gguf_layout(path);
  if (!layout) return fail(layout.error());
  std::erase_if(layout->keys, [](const KeyRecord& key) { return !key.name.starts_with("tokenizer.") || key.name.starts_with("tokenizer.chat_template"); });
  std::ranges::sort(layout->keys, {}, &KeyRecord::name);
  std::ifstream in(path, std::ios::binary);
  std::string bytes;
  for (const KeyRecord& key : layout->keys) {
    std::string record(key.end - key.begin, '\0');
    in.seekg(static_cast<std::streamoff>(key.begin));
    if (!in.read(record.data(), static_cast<std::streamsize>(record.size()))) return fail(Fault::damaged, path.string() + ": cannot be read again");
    bytes += record;
  }
  return bytes.empty() ? std::string() : sha256(bytes);
}

}  // namespace qc

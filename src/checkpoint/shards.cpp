#include "checkpoint/shards.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>

#include "checkpoint/fields.h"
#include "core/files.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

/// A weight file's name, and the tensors that somebody promised to be in it.
using Shards = std::map<std::string, std::set<std::string>>;

Result<Shards> by_index(const fs::path& index) {
  const auto text = read_file(index);
  if (!text) return fail(text.error());
  const auto document = parse_sorted_json(*text, index.string());
  if (!document) return fail(document.error());
  const SortedJson* map = member(*document, "weight_map");
  if (!map || !map->is_object()) return fail(Fault::damaged, fmt::format("{}: has no weight_map", index.string()));
  Shards shards;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string()) return fail(Fault::damaged, fmt::format("{}: names no file for tensor {}", index.string(), tensor));
    shards[file.get<std::string>()].insert(tensor);
  }
  return shards;
}

/// All parts when the name is that of one ("model-00001-of-00003.safetensors"), else the name alone.
std::vector<std::string> siblings(const std::string& name) {
  constexpr std::string_view kTail = "-00001-of-00003.safetensors";
  if (name.size() < kTail.size()) return {name};
  const std::string front = name.substr(0, name.size() - kTail.size()), tail = name.substr(front.size());
  const auto digits = [&](std::size_t at) { return std::ranges::all_of(tail.substr(at, 5), [](unsigned char c) { return std::isdigit(c); }); };
  if (tail[0] != '-' || tail.substr(6, 4) != "-of-" || !digits(1) || !digits(10)) return {name};
  std::vector<std::string> parts;
  for (int part = 1, count = std::stoi(tail.substr(10, 5)); part <= count; ++part)
    parts.push_back(fmt::format("{}-{:05}-of-{:05}.safetensors", front, part, count));
  return parts;
}

Result<Shards> by_names(const fs::path& folder) {
  Shards shards;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator(); entry.increment(error))
    if (entry->path().extension() == ".safetensors") shards[entry->path().filename().string()];
  if (error) return fail(Fault::usage, fmt::format("{}: cannot be listed: {}", folder.string(), error.message()));
  const Shards found = shards;
  for (const auto& [name, promised] : found)
    for (const std::string& part : siblings(name)) shards[part];
  return shards;
}

constexpr std::string_view kIndex = "model.safetensors.index.json";

Result<Shards> weight_files(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / kIndex, error) ? by_index(folder / kIndex) : by_names(folder);
}

}  // namespace

Result<std::vector<StoredTensor>> read_folder_tensors(const fs::path& folder) {
  std::error_code error;
  const auto shards = weight_files(folder);
  if (!shards) return fail(shards.error());
  std::vector<StoredTensor> all;
  std::map<std::string, std::string> home;
  for (const auto& [file, promised] : *shards) {
    if (!fs::exists(folder / file, error))
      return fail(Fault::usage, fmt::format("{}: a part of the model that is not there; fetch the rest", (folder / file).string()));
    auto tensors = read_safetensors(folder / file);
    if (!tensors) return fail(tensors.error());
    for (StoredTensor& tensor : *tensors) {
      const auto [at, fresh] = home.emplace(tensor.name, file);
      if (!fresh) return fail(Fault::damaged, fmt::format("{}: tensor {} stands in {} and in {}", folder.string(), tensor.name, at->second, file));
      all.push_back(std::move(tensor));
    }
    for (const std::string& name : promised)
      if (const auto at = home.find(name); at == home.end() || at->second != file)
        return fail(Fault::damaged, fmt::format("{}: has no tensor {}, which {} promises", (folder / file).string(), name, kIndex));
  }
  return all;
}

Status whole_weights(const fs::path& folder) {
  const auto shards = weight_files(folder);
  if (!shards) return shards.error().fault == Fault::damaged ? Status(fail(shards.error())) : ok();
  std::error_code error;
  for (const auto& [file, promised] : *shards)
    if (fs::exists(folder / file, error))
      if (auto whole = whole_safetensors(folder / file); !whole) return whole;
  return ok();
}

}  // namespace qc

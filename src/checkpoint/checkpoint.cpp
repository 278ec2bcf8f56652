#include "checkpoint/checkpoint.h"

#include "checkpoint/fields.h"
#include "checkpoint/format_word.h"
#include "checkpoint/quantization.h"
#include "checkpoint/shards.h"
#include "checkpoint/tokenizer_print.h"
#include "core/files.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

bool there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// A JSON file that may be absent: null then.
Result<SortedJson> read_optional_json(const fs::path& path) {
  if (!there(path)) return SortedJson();
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  return parse_sorted_json(*text, path.string());
}

/// Several templates are a list of {name, template}: servers take the one called "default" unless told.
const std::string* template_in(const SortedJson& tokenizer_config) {
  const SortedJson* entry = member(tokenizer_config, "chat_template");
  if (!entry) return nullptr;
  if (!entry->is_array()) return text_at(tokenizer_config, "chat_template");
  for (const SortedJson& named : *entry)
    if (const std::string* name = text_at(named, "name"); name && *name == "default") return text_at(named, "template");
  return nullptr;
}

Result<std::optional<std::string>> hash_of(const fs::path& path) {
  if (!there(path)) return std::optional<std::string>();
  auto hash = sha256_file(path);
  if (!hash) return fail(hash.error());
  return std::optional(std::move(*hash));
}

Status add_tokenizer(Checkpoint& checkpoint) {
  const fs::path path = checkpoint.folder / "tokenizer.json";
  if (!there(path)) return ok();
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  checkpoint.tokenizer_sha256 = tokenizer_print(*text).value_or(sha256(*text));
  return ok();
}

Status add_template(Checkpoint& checkpoint) {
  auto file = hash_of(checkpoint.folder / "chat_template.jinja");
  if (!file) return fail(file.error());
  checkpoint.template_sha256 = std::move(*file);
  if (checkpoint.template_sha256) return ok();
  const auto json = read_optional_json(checkpoint.folder / "tokenizer_config.json");
  if (!json) return fail(json.error());
  if (const std::string* text = template_in(*json)) checkpoint.template_sha256 = sha256(*text);
  return ok();
}

Status add_sampling(Checkpoint& checkpoint) {
  auto json = read_optional_json(checkpoint.folder / "generation_config.json");
  if (!json) return fail(json.error());
  if (json->is_object()) {
    for (const char* by_whom : {"transformers_version", "_from_model_config"}) json->erase(by_whom);
    checkpoint.generation = json->dump(-1, ' ', false, SortedJson::error_handler_t::replace);
  }
  checkpoint.sampling = {.temperature = number_at(*json, "temperature"), .top_p = number_at(*json, "top_p"),
                         .repetition_penalty = number_at(*json, "repetition_penalty"), .top_k = whole_at(*json, "top_k")};
  return ok();
}

/// ModelOpt up to 0.29 leaves config.json as it was and writes a file of its own.
Status add_modelopt(Checkpoint& checkpoint) {
  if (checkpoint.config.quantization) return ok();
  const auto json = read_optional_json(checkpoint.folder / "hf_quant_config.json");
  if (!json) return fail(json.error());
  if (const SortedJson* entry = member(*json, "quantization"); entry && entry->is_object()) checkpoint.config.quantization = read_quantization(*entry, "modelopt");
  return ok();
}

Status add_weights(Checkpoint& checkpoint) {
  auto tensors = read_folder_tensors(checkpoint.folder);
  if (!tensors) return fail(tensors.error());
  checkpoint.tensors = std::move(*tensors);
  const auto& quantization = checkpoint.config.quantization;
  if (!checkpoint.tensors.empty()) checkpoint.facts = tensor_facts(checkpoint.tensors, quantization ? quantization->weight_bits() : std::nullopt);
  auto [word, contradiction] = find_format(checkpoint.config, checkpoint.facts);
  checkpoint.format = std::move(word);
  checkpoint.contradiction = std::move(contradiction);
  return ok();
}

}  // namespace

Result<Checkpoint> read_checkpoint(const fs::path& folder) {
  const fs::path config_path = folder / "config.json";
  const auto text = read_file(config_path);
  if (!text) return fail(text.error());
  auto config = parse_config(*text, config_path.string());
  if (!config) return fail(config.error());
  Checkpoint checkpoint;
  checkpoint.folder = folder;
  checkpoint.config = std::move(*config);
  for (const auto& add : {add_modelopt, add_weights, add_tokenizer, add_template, add_sampling})
    if (const Status status = add(checkpoint); !status) return fail(status.error());
  return checkpoint;
}

}  // namespace qc

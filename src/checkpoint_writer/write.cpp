#include "checkpoint_writer/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "checkpoint_writer/config.h"
#include "checkpoint_writer/safetensors.h"
#include "core/files.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

struct Plan {
  std::vector<PlannedTensor> tensors;  ///< they point into the layout
  std::vector<std::pair<std::string, std::string>> texts;  ///< file name, content
  std::size_t words = 0;
};

Result<Plan> make_plan(const fs::path& from, const GgufLayout& layout, const CheckpointOptions& options) {
  const auto model = llama_model(layout.header);
  if (!model) return fail(model.error());
  auto tensors = plan_tensors(layout.header, *model, options);
  if (!tensors) return fail(tensors.error());
  const auto vocabulary = read_vocabulary(from, layout);
  if (!vocabulary) return fail(vocabulary.error());
  if (vocabulary->words.size() != model->vocabulary)
    return fail(Fault::damaged, fmt::format("{} words for an embedding of {} rows", vocabulary->words.size(), model->vocabulary));

  Plan plan{std::move(*tensors), {}, vocabulary->words.size()};
  std::pair<const char*, Result<std::string>> texts[] = {
      {"config.json", config_json(*model, options)},
      {"generation_config.json", generation_config_json(*model)},
      {"tokenizer.json", tokenizer_json(*vocabulary)},
      {"tokenizer_config.json", tokenizer_config_json(*model, *vocabulary, layout.header.text("tokenizer.chat_template"))}};
  for (auto& [name, text] : texts) {
    if (!text) return fail(text.error());
    plan.texts.emplace_back(name, std::move(*text));
  }
  return plan;
}

Status write_folder(const fs::path& from, const GgufLayout& layout, const Plan& plan, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Fault::usage, fmt::format("{}: {}", folder.string(), error.message()));
  for (const auto& [name, text] : plan.texts)
    if (auto written = write_file(folder / name, text); !written) return written;
  return write_safetensors(from, layout, plan.tensors, folder / "model.safetensors");
}

CheckpointSummary summary(const Plan& plan) {
  CheckpointSummary out{.words = plan.words};
  for (const PlannedTensor& t : plan.tensors) out.tensor_bytes += t.bytes();
  out.quantized = static_cast<std::size_t>(std::ranges::count_if(plan.tensors, [](const PlannedTensor& t) { return t.name.ends_with(".weight_scale"); }));
  return out;
}

}  // namespace

std::optional<CheckpointFormat> checkpoint_format(std::string_view word) {
  using enum CheckpointFormat;
  for (const auto& [name, format] : {std::pair{"bf16", bf16}, std::pair{"w8a8_int8", w8a8_int8}, std::pair{"w4a16", w4a16}})
    if (word == name) return format;
  return std::nullopt;
}

Result<CheckpointSummary> write_checkpoint(const fs::path& from, const fs::path& to, const CheckpointOptions& options) {
  const auto named = [&](const Error& e) { return fail(e.fault, fmt::format("{} -> {}: {}", from.string(), to.string(), e.message)); };
  std::error_code error;
  if (fs::exists(fs::symlink_status(to, error))) return fail(Fault::usage, fmt::format("{} is there already: remove it, or name another folder", to.string()));
  const auto layout = read_gguf_layout(from);
  if (!layout) return fail(layout.error());
  const auto plan = make_plan(from, *layout, options);
  if (!plan) return named(plan.error());

  const fs::path part = to.string() + ".part";
  fs::remove_all(part, error);
  if (auto written = write_folder(from, *layout, *plan, part); !written) {
    fs::remove_all(part, error);
    return named(written.error());
  }
  fs::rename(part, to, error);
  if (!error) return summary(*plan);
  const std::string why = error.message();
  fs::remove_all(part, error);
  return fail(Fault::usage, fmt::format("{}: cannot be written: {}", to.string(), why));
}

}  // namespace qc

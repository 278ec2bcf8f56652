#pragma once
// The one place that meets libllama: loaded at run time from the engine's folder, because the program must start without it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/stop.h"

namespace qc {

/// A model with a context of its own, ready to evaluate one chunk at a time. Not thread-safe; libllama stays loaded for the
/// process's life (its registries do not survive unloading).
class LlamaModel {
 public:
  struct Settings { std::filesystem::path library_dir; int ctx = 512; int threads = 1; };

  /// Fails as engine: no libllama in the folder, another release than this program was built for, a file that it can't load
  /// (with its own words). `stop` is watched while it evaluates and must outlive the model.
  static Result<LlamaModel> load(const Settings& settings, const std::filesystem::path& file, const StopFlag& stop);
  LlamaModel(LlamaModel&&) noexcept;
  LlamaModel& operator=(LlamaModel&&) noexcept;
  ~LlamaModel();

  [[nodiscard]] int vocabulary() const;
  [[nodiscard]] int trained_context() const;
  [[nodiscard]] std::optional<std::int32_t> bos() const;  ///< the token that this model wants at the start; empty: none
  [[nodiscard]] std::string chat_template() const;        ///< empty: none

  /// With the model's own start token, special words read as plain text.
  Result<std::vector<std::int32_t>> tokenize(std::string_view text) const;

  /// Evaluates `tokens` (at most ctx) from an empty context. The logits behind positions [first, tokens.size()), one row of
  /// vocabulary() each; valid until the next call. Fails as interrupted on a second Ctrl-C, else as engine.
  Result<std::span<const float>> logits(std::span<const std::int32_t> tokens, int first);

 private:
  struct State;
  explicit LlamaModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qc

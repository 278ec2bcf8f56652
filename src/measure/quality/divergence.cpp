#include "measure/quality/divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/host.h"
#include "measure/quality/divergence_score.h"
#include "measure/quality/llama_library.h"

namespace qc {
namespace {

using Tokens = std::vector<std::int32_t>;
using Scores = std::vector<std::vector<PositionScore>>;  // by candidate, then position

int threads_of(const DivergenceSpec& spec) {
  return spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// The reason why two models can't be held against each other, or empty.
Result<std::string> difference(const LlamaModel& baseline, const Tokens& tokens, const LlamaModel& other, const std::string& text) {
  if (other.vocabulary() != baseline.vocabulary()) return fmt::format("a vocabulary of {} tokens, not {}", other.vocabulary(), baseline.vocabulary());
  if (other.bos() != baseline.bos()) return std::string("another start token");
  if (other.chat_template() != baseline.chat_template()) return std::string("another chat template");
  const auto theirs = other.tokenize(text);
  if (!theirs) return fail(theirs.error());
  const auto at = std::ranges::mismatch(tokens, *theirs).in1 - tokens.begin();
  if (*theirs != tokens) return fmt::format("other token ids for the same text, from token {} on", at);
  return std::string();
}

/// All models of one comparison, the baseline first.
class Comparison {
 public:
  static Result<Comparison> load(const DivergenceSpec& spec, const StopFlag& stop) {
    Comparison out(spec);
    const LlamaModel::Settings settings{spec.library_dir, spec.ctx, threads_of(spec)};
    std::vector<std::filesystem::path> files{spec.baseline};
    for (const auto& candidate : spec.candidates) files.push_back(candidate.second);
    const double before = own_cpu_seconds();
    for (const auto& file : files) {
      auto model = LlamaModel::load(settings, file, stop);
      if (!model) return fail(model.error());
      out.models_.push_back(std::move(*model));
    }
    out.model_cpu_s_ = own_cpu_seconds() - before;
    if (auto usable = out.prepare(); !usable) return fail(usable.error());
    return out;
  }

  [[nodiscard]] int chunks() const { return std::min(spec_->chunks, static_cast<int>(tokens_.size()) / spec_->ctx); }
  [[nodiscard]] int models() const { return static_cast<int>(models_.size()); }
  [[nodiscard]] double model_cpu_s() const { return model_cpu_s_; }

  /// Evaluates one chunk in every model and appends its scores.
  Status score(int chunk, Scores& scores, const std::function<void(int)>& evaluated) {
    const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(chunk) * spec_->ctx;
    const Tokens text(begin, begin + spec_->ctx);
    Tokens input = text;
    if (const auto bos = models_[0].bos()) input[0] = *bos;
    std::vector<std::span<const float>> logits;
    for (LlamaModel& model : models_) {
      const double before = own_cpu_seconds();
      auto rows = model.logits(input, first());
      model_cpu_s_ += own_cpu_seconds() - before;
      if (!rows) return fail(rows.error());
      logits.push_back(*rows);
      evaluated(chunk * models() + static_cast<int>(logits.size()));
    }
    append(text, logits, scores);
    return ok();
  }

 private:
  explicit Comparison(const DivergenceSpec& spec) : spec_(&spec) {}
  [[nodiscard]] int first() const { return spec_->ctx / 2; }

  Status prepare() {
    auto tokens = models_[0].tokenize(spec_->text);
    if (!tokens) return fail(tokens.error());
    tokens_ = std::move(*tokens);
    if (static_cast<int>(tokens_.size()) < spec_->ctx)
      return fail(Fault::usage, fmt::format("{}: {} tokens, one chunk needs {}: give a longer text", spec_->text_name, tokens_.size(), spec_->ctx));
    if (models_[0].trained_context() < spec_->ctx)
      return fail(Fault::usage, fmt::format("{}: made for {} tokens, a chunk has {}", spec_->baseline.string(), models_[0].trained_context(), spec_->ctx));
    for (std::size_t i = 1; i < models_.size(); ++i) {
      const auto why = difference(models_[0], tokens_, models_[i], spec_->text);
      if (!why) return fail(why.error());
      if (!why->empty())
        return fail(Fault::refused, fmt::format("{}: not comparable with the baseline {}: it has {}", spec_->candidates[i - 1].second.string(), spec_->baseline.string(), *why));
    }
    return ok();
  }

  // The logits behind position p predict token p + 1, so the chunk's last position has nothing to be scored by.
  void append(const Tokens& text, const std::vector<std::span<const float>>& logits, Scores& scores) const {
    const std::size_t width = static_cast<std::size_t>(models_[0].vocabulary()), positions = text.size() - static_cast<std::size_t>(first()) - 1;
    const std::size_t before = scores[0].size();
    for (auto& of_candidate : scores) of_candidate.resize(before + positions);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t p; (p = next.fetch_add(1)) < positions;) {
        const BaselineRow baseline(logits[0].subspan(p * width, width));
        for (std::size_t c = 0; c < scores.size(); ++c)
          scores[c][before + p] = baseline.against(logits[c + 1].subspan(p * width, width), text[static_cast<std::size_t>(first()) + p + 1]);
      }
    };
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads_of(*spec_); ++i) helpers.emplace_back(work);
    work();
  }

  const DivergenceSpec* spec_;
  std::vector<LlamaModel> models_;
  Tokens tokens_;
  double model_cpu_s_ = 0;
};

}  // namespace

Result<Divergences> measure_divergence(const DivergenceSpec& spec, const StopFlag& stop, const std::function<void(int, int)>& progress) {
  if (spec.candidates.empty()) return Divergences{};
  if (spec.ctx < 8 || spec.chunks < 1) return fail(Fault::usage, fmt::format("divergence over {} chunks of {} tokens: at least 1 of at least 8", spec.chunks, spec.ctx));
  auto models = Comparison::load(spec, stop);
  if (!models) return fail(models.error());
  Scores scores(spec.candidates.size());
  const int of = models->chunks() * models->models();
  for (int chunk = 0; chunk < models->chunks(); ++chunk) {
    if (stop.finish_in_hand()) return fail(Fault::interrupted, fmt::format("interrupted after {} of {} chunks of the divergence", chunk, models->chunks()));
    if (auto done = models->score(chunk, scores, [&](int n) { progress(n, of); }); !done) return fail(done.error());
  }
  Divergences out{{}, models->model_cpu_s()};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    Divergence& d = out.candidates.emplace_back(summarize(scores[i]));
    d.variant = spec.candidates[i].first;
    d.text = fmt::format("{}: {} chunks of {} tokens, the second half of each scored", spec.text_name, models->chunks(), spec.ctx);
  }
  return out;
}

}  // namespace qc

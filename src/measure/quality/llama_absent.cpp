// Stands in for llama_library.cpp where the program is built without llama.cpp's headers: everything else works, and what would
// need libllama says why it is not there.
#include "measure/quality/llama_library.h"

namespace qc {

struct LlamaModel::State {};

LlamaModel::LlamaModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
LlamaModel::LlamaModel(LlamaModel&&) noexcept = default;
LlamaModel& LlamaModel::operator=(LlamaModel&&) noexcept = default;
LlamaModel::~LlamaModel() = default;

Result<LlamaModel> LlamaModel::load(const Settings&, const std::filesystem::path&, const StopFlag&) {
  return fail(Fault::engine, "this program was built without llama.cpp's headers; to measure divergence: make deps, then make build");
}

// Never reached: `load` gives no model to call them on.
int LlamaModel::vocabulary() const { return 0; }
int LlamaModel::trained_context() const { return 0; }
std::optional<std::int32_t> LlamaModel::bos() const { return std::nullopt; }
std::string LlamaModel::chat_template() const { return {}; }
Result<std::vector<std::int32_t>> LlamaModel::tokenize(std::string_view) const { return fail(Fault::defect, "no model"); }
Result<std::span<const float>> LlamaModel::logits(std::span<const std::int32_t>, int) { return fail(Fault::defect, "no model"); }

}  // namespace qc

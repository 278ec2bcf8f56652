#include "measure/quality/llama_library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <ggml-backend.h>
#include <llama.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace qc {
namespace {

#define QC_LLAMA_CALLS(X)                                                                                            \
  X(llama_version) X(llama_log_set) X(llama_backend_init) X(ggml_backend_load_all_from_path) X(ggml_backend_dev_count) \
  X(llama_model_default_params) X(llama_model_load_from_file) X(llama_model_free) X(llama_model_get_vocab)           \
  X(llama_model_n_ctx_train) X(llama_model_chat_template) X(llama_context_default_params) X(llama_init_from_model)   \
  X(llama_free) X(llama_get_memory) X(llama_memory_clear) X(llama_vocab_n_tokens) X(llama_vocab_bos)                 \
  X(llama_vocab_get_add_bos) X(llama_tokenize) X(llama_decode) X(llama_get_logits)

/// The calls we make, by their own names and types.
struct Api {
#define QC_MEMBER(name) decltype(&::name) name = nullptr;   // NOLINT(bugprone-macro-parentheses): a member's name
  QC_LLAMA_CALLS(QC_MEMBER)
#undef QC_MEMBER
};

// libllama would write to our terminal; its errors are kept, to be quoted when a call fails.
std::mutex log_mutex;
std::string log_errors;

void keep_errors(ggml_log_level level, const char* text, void*) {
  const std::lock_guard lock(log_mutex);
  if (level == GGML_LOG_LEVEL_ERROR && log_errors.size() < 2000) log_errors += text;
}
std::string take_errors() {
  const std::lock_guard lock(log_mutex);
  std::string out = std::exchange(log_errors, {});
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out.empty() ? "it gave no reason" : out;
}

// "libllama.so" (built from source), "libllama.v0.5.0.so" (prebuilt).
std::optional<std::filesystem::path> find_library(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libllama.") && (name.ends_with(".so") || name.find(".so.") != std::string::npos)) found.push_back(entry.path());
  }
  if (found.empty()) return std::nullopt;
  return std::filesystem::absolute(*std::ranges::min_element(found));
}

Result<Api> open_library(const std::filesystem::path& dir) {
  const auto path = find_library(dir);
  if (!path) return fail(Fault::engine, fmt::format("{}: no libllama*.so there: this llama.cpp was built without shared libraries", dir.string()));
  void* handle = ::dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return fail(Fault::engine, fmt::format("{}: can't be loaded: {}", path->string(), ::dlerror()));
  Api api;
#define QC_FIND(name)                                                               \
  api.name = reinterpret_cast<decltype(api.name)>(::dlsym(handle, #name));          \
  if (!api.name) return fail(Fault::engine, fmt::format("{}: has no {}", path->string(), #name));
  QC_LLAMA_CALLS(QC_FIND)
#undef QC_FIND
  // Structures go by value, so their layout must be that of the header we were compiled with.
  const std::string version = api.llama_version();
  if (!version.starts_with(QC_LLAMA_RELEASE))
    return fail(Fault::engine, fmt::format("{}: is release {}, this program was built for {}: build it again", path->string(), version, QC_LLAMA_RELEASE));
  api.llama_log_set(keep_errors, nullptr);
  api.llama_backend_init();
  api.ggml_backend_load_all_from_path(dir.c_str());
  if (api.ggml_backend_dev_count() == 0)
    return fail(Fault::engine, fmt::format("{}: no compute backend (libggml-cpu*.so) could be loaded: {}", dir.string(), take_errors()));
  return api;
}

// Once a folder: loading the backends twice would register them twice.
Result<const Api*> library(const std::filesystem::path& dir) {
  static std::mutex mutex;
  static std::map<std::string, Api> loaded;
  std::error_code error;
  const std::string key = std::filesystem::weakly_canonical(dir, error).string();
  const std::lock_guard lock(mutex);
  auto it = loaded.find(key);
  if (it == loaded.end()) {
    auto api = open_library(dir);
    if (!api) return fail(api.error());
    it = loaded.emplace(key, *api).first;
  }
  return &it->second;
}

bool asked_to_leave(void* stop) { return static_cast<const StopFlag*>(stop)->leave_now(); }

}  // namespace

struct LlamaModel::State {
  const Api* api = nullptr;
  const StopFlag* stop = nullptr;
  llama_model* model = nullptr;
  llama_context* context = nullptr;
  const llama_vocab* vocab = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (context) api->llama_free(context);
    if (model) api->llama_model_free(model);
  }
};

LlamaModel::LlamaModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
LlamaModel::LlamaModel(LlamaModel&&) noexcept = default;
LlamaModel& LlamaModel::operator=(LlamaModel&&) noexcept = default;
LlamaModel::~LlamaModel() = default;

Result<LlamaModel> LlamaModel::load(const Settings& settings, const std::filesystem::path& file, const StopFlag& stop) {
  const auto api = library(settings.library_dir);
  if (!api) return fail(api.error());
  take_errors();
  auto state = std::make_unique<State>();
  state->api = *api;
  state->stop = &stop;
  state->model = state->api->llama_model_load_from_file(file.c_str(), state->api->llama_model_default_params());
  if (!state->model) return fail(Fault::engine, fmt::format("{}: libllama can't load it: {}", file.string(), take_errors()));
  state->vocab = state->api->llama_model_get_vocab(state->model);

  llama_context_params params = state->api->llama_context_default_params();
  params.n_ctx = params.n_batch = static_cast<std::uint32_t>(settings.ctx);
  params.n_threads = params.n_threads_batch = settings.threads;
  params.abort_callback = asked_to_leave;
  params.abort_callback_data = const_cast<StopFlag*>(&stop);
  state->context = state->api->llama_init_from_model(state->model, params);
  if (!state->context) return fail(Fault::engine, fmt::format("{}: libllama can't make a context of {} tokens: {}", file.string(), settings.ctx, take_errors()));
  return LlamaModel(std::move(state));
}

int LlamaModel::vocabulary() const { return state_->api->llama_vocab_n_tokens(state_->vocab); }
int LlamaModel::trained_context() const { return state_->api->llama_model_n_ctx_train(state_->model); }

std::optional<std::int32_t> LlamaModel::bos() const {
  if (!state_->api->llama_vocab_get_add_bos(state_->vocab)) return std::nullopt;
  return state_->api->llama_vocab_bos(state_->vocab);
}

std::string LlamaModel::chat_template() const {
  const char* text = state_->api->llama_model_chat_template(state_->model, nullptr);
  return text ? text : "";
}

Result<std::vector<std::int32_t>> LlamaModel::tokenize(std::string_view text) const {
  std::vector<std::int32_t> out(text.size() + 8);  // no token is shorter than a byte, but for the special ones
  const int n = state_->api->llama_tokenize(state_->vocab, text.data(), static_cast<std::int32_t>(text.size()), out.data(),
                                            static_cast<std::int32_t>(out.size()), true, false);
  if (n < 0) return fail(Fault::engine, fmt::format("libllama can't tokenize a text of {} bytes: {}", text.size(), take_errors()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

Result<std::span<const float>> LlamaModel::logits(std::span<const std::int32_t> tokens, int first) {
  std::vector<llama_token> ids(tokens.begin(), tokens.end());
  std::vector<llama_pos> positions(ids.size());
  std::vector<std::int32_t> sequences(ids.size(), 1);
  llama_seq_id zero = 0;
  std::vector<llama_seq_id*> sequence_of(ids.size(), &zero);
  std::vector<std::int8_t> wanted(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    positions[i] = static_cast<llama_pos>(i);
    wanted[i] = i >= static_cast<std::size_t>(first) ? 1 : 0;
  }
  const llama_batch batch{static_cast<std::int32_t>(ids.size()), ids.data(), nullptr, positions.data(), sequences.data(), sequence_of.data(), wanted.data()};
  const Api& api = *state_->api;
  api.llama_memory_clear(api.llama_get_memory(state_->context), true);
  if (const int status = api.llama_decode(state_->context, batch); status != 0) {
    if (state_->stop->leave_now()) return fail(Fault::interrupted, "interrupted while the divergence was measured");
    return fail(Fault::engine, fmt::format("libllama can't evaluate {} tokens (status {}): {}", ids.size(), status, take_errors()));
  }
  return std::span<const float>(api.llama_get_logits(state_->context), (ids.size() - static_cast<std::size_t>(first)) * static_cast<std::size_t>(vocabulary()));
}

}  // namespace qc

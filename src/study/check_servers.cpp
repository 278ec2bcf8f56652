#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/files.h"
#include "core/text.h"
#include "study/check.h"
#include "study/model_path.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

/// Names of what lies beside a file that is not there: one of them was probably meant.
std::vector<std::string> neighbours(const fs::path& path) {
  constexpr std::size_t kEnough = 500;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(path.has_parent_path() ? path.parent_path() : ".", error), end; !error && at != end && names.size() < kEnough; at.increment(error))
    names.push_back(at->path().filename().string());
  return names;
}

/// What we give every server ourselves; where `args` give it again, we talk to another address or measure another model.
struct OwnFlag { EngineKind kind; std::string_view flag, instead; };
constexpr std::string_view kAddress = "no address: quantcase gives every server one; attach to a server of your own with `url`";
constexpr std::string_view kModel = "the model as `model` of the [[variant]]";
constexpr OwnFlag kOwnFlags[] = {
    {EngineKind::llama, "--port", kAddress},  {EngineKind::llama, "--host", kAddress},    {EngineKind::vllm, "--port", kAddress},
    {EngineKind::vllm, "--host", kAddress},   {EngineKind::vllm, "--uds", kAddress},      {EngineKind::llama, "-m", kModel},
    {EngineKind::llama, "--model", kModel},   {EngineKind::llama, "-hf", kModel},         {EngineKind::llama, "--hf-repo", kModel},
    {EngineKind::vllm, "--model", kModel},
};

class ServerCheck {
 public:
  ServerCheck(const Study& study, const Sources& sources, ModelFiles files, Problems& problems)
      : study_(study), engine_(study.engine), sources_(sources), files_(files), problems_(problems) {}

  void all() {
    if (!sources_.good("engine.kind")) return;  // what is right depends on it
    urls();
    commands();
    turns();
    own_flags(engine_.args, "engine.args");
    for (std::size_t i = 0; i < study_.variants.size(); ++i) own_flags(study_.variants[i].args, sources_.variants[i] + ".args");
    for (std::size_t i = 0; i < study_.variants.size(); ++i) model(study_.variants[i], sources_.variants[i] + ".model", sources_.has(sources_.variants[i] + ".url"));
  }

 private:
  void add(const std::string& path, std::string found, std::string accepted, std::optional<std::string> meant = {}) {
    problems_.add({sources_.place(path), path, std::move(found), std::move(accepted), std::move(meant)});
  }

  void urls() {
    if (engine_.kind != EngineKind::openai || sources_.has("engine.url") || files_ == ModelFiles::may_be_missing) return;   // a stored study may be of what was measured elsewhere
    std::vector<std::string> without;
    for (const std::string& path : sources_.variants)
      if (!sources_.has(path + ".url")) without.push_back(path);
    if (without.size() == sources_.variants.size())
      return add("engine.kind", "openai without any url", "url in [engine], or in every [[variant]]: openai attaches to servers that run already");
    for (const std::string& path : without) add(path + ".url", "nothing", "the url of this variant's server: kind openai attaches to servers that run already");
  }

  void commands() {
    if (!engine_.command.empty() && sources_.has("engine.url"))
      add("engine.command", "a command beside engine.url", "either command, which starts servers, or url, which attaches to one");
    else if (!engine_.command.empty() && engine_.kind == EngineKind::openai)
      add("engine.command", "a command with kind openai", "url: openai attaches to servers that run already; llama, vllm and sglang start them");
    for (const auto& [key, words] : {std::pair{"engine.command", &engine_.command}, std::pair{"engine.stop", &engine_.stop}})
      if (!words->empty() && words->front().empty()) add(key, "an empty first word", "the program to start as the first word");
    for (const char* key : {"engine.connect", "engine.stop"})
      if (sources_.has(key) && !sources_.has("engine.command")) add(key, "no engine.command with it", "command as well: it starts the server that this is about");
  }

  void turns() {
    const bool gives_up_device = engine_.switching == Switch::sleep || engine_.switching == Switch::restart;
    const bool can_sleep = engine_.kind == EngineKind::vllm || engine_.kind == EngineKind::sglang;
    const std::string found = fmt::format("{} with kind {}", to_string(engine_.switching), to_string(engine_.kind));
    if (engine_.switching == Switch::sleep && !can_sleep)
      add("engine.switch", found, "auto, resident or restart: only vllm and sglang can sleep");
    else if (gives_up_device && (engine_.url || engine_.kind == EngineKind::openai))
      add("engine.switch", fmt::format("{} for servers that run already", to_string(engine_.switching)), "auto or resident: they are not ours to stop");
  }

  void own_flags(const std::vector<std::string>& args, const std::string& path) {
    for (const std::string& word : args)
      for (const OwnFlag& own : kOwnFlags)
        if (own.kind == engine_.kind && word.substr(0, word.find('=')) == own.flag) add(path, in_quotes(word) + " in the list", std::string(own.instead));
  }

  void model(const Variant& variant, const std::string& path, bool has_url) {
    if (!sources_.good(path)) return;
    if (variant.model.empty()) {
      if (!has_url && files_ == ModelFiles::must_exist) add(path, "nothing", engine_.url || engine_.kind == EngineKind::openai ? "the name under which the server at the url serves it" : "a path or a hub id");
      return;
    }
    if (!runs_here(engine_, variant)) return;
    if (is_local_path(variant.model)) return local_model(variant, path);
    if (engine_.kind == EngineKind::llama)
      add(path, in_quotes(variant.model) + ", which reads as a hub id", "a local GGUF file (begins with / . ~ or $, or ends in .gguf): kind llama downloads nothing");
  }

  void local_model(const Variant& variant, const std::string& path) {
    if (files_ == ModelFiles::may_be_missing) return;
    const fs::path file = expand_path(variant.model);
    const bool llama = engine_.kind == EngineKind::llama;
    const std::string accepted = llama ? "a GGUF file that is there" : "a model's folder or file that is there";
    const std::string resolved = file.string() == variant.model ? "" : fmt::format(" ({})", file.string());
    std::error_code error;
    const auto status = fs::status(file, error);
    const std::string left = file.string();   // expand_path leaves what is not set
    const auto dollar = left.find('$');
    const std::string unset = dollar == std::string::npos ? "" : fmt::format("; the variable {} is not set", left.substr(dollar, left.find('/', dollar) - dollar));
    if (!fs::exists(status)) return add(path, in_quotes(variant.model) + resolved + ", where nothing is" + unset, accepted, nearest(file.filename().string(), neighbours(file)));
    if (access(file.c_str(), R_OK) != 0) return add(path, in_quotes(variant.model) + resolved + ", which you may not read", accepted + " and that you may read");
    if (llama && !fs::is_regular_file(status)) add(path, in_quotes(variant.model) + resolved + ", which is no file", accepted);
  }

  const Study& study_;
  const EngineSpec& engine_;
  const Sources& sources_;
  ModelFiles files_;
  Problems& problems_;
};

}  // namespace

void check_servers(const Study& study, const Sources& sources, ModelFiles files, Problems& problems) {
  ServerCheck(study, sources, files, problems).all();
}

}  // namespace qc

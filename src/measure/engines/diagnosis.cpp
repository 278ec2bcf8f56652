#include "measure/engines/diagnosis.h"

#include <fmt/format.h>

#include <csignal>

#include "measure/engines/llama_log.h"

namespace qc {
namespace {

constexpr int kQuotedLines = 6, kSearchedLines = 40;
constexpr std::string_view kPortTaken = "couldn't bind HTTP server socket";

/// The first text found in the log decides, so the more special ones come first. Texts: llama.cpp v0.5.0, ggml, the loader.
struct Known { std::string_view text, remedy; };
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

/// A shell in between reports a signal as 128 + its number.
int signal_of(const Exit& exit) { return exit.signal.value_or(exit.code.value_or(0) > 128 ? *exit.code - 128 : 0); }

}  // namespace

std::string remedy_for(std::string_view log, const std::optional<Exit>& exit) {
  for (const auto& known : kKnown)
    if (log.find(known.text) != std::string_view::npos) return std::string(known.remedy);
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

bool port_was_taken(std::string_view log) { return log.find(kPortTaken) != std::string_view::npos; }

std::string failure_report(const std::string& what, std::string_view log, const std::optional<Exit>& exit, const std::string& command,
                           const std::filesystem::path& log_path) {
  const auto lines = telling_lines(log, kQuotedLines);
  const auto remedy = remedy_for(telling_lines(log, kSearchedLines), exit);
  std::string text = what;
  text += lines.empty() ? "\nIt wrote nothing." : "\nIts last words:\n" + lines;
  if (!remedy.empty()) text += "\n" + remedy;
  if (!command.empty()) text += "\nCommand: " + command;
  if (!log_path.empty()) text += "\nWhole log: " + log_path.string();
  return text;
}

}  // namespace qc

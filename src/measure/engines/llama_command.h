#pragma once
// The words that start llama-server: the same for every variant but for the model and its name.
#include <string>
#include <vector>

#include "core/host.h"
#include "core/result.h"
#include "measure/engines/server_start.h"
#include "study/study.h"

namespace qc {

/// What every variant's server is given. `context`: tokens that one request may use.
struct LlamaSettings {
  int slots = 1;
  int context = 2048;
  int threads = 0;                ///< 0: the server decides (it runs elsewhere, and its cores are not known here)
};

/// From the study, or by rule where it leaves them open: slots are the highest concurrency of its workloads; the context is what
/// all models were trained for, at most 4096, halved (to 512 at least) until one server's KV cache fits in a quarter of the memory.
LlamaSettings llama_settings(const Study& study, const HostInfo& host);

/// program + ours + engine.args + the variant's args (the last of two equal flags counts in llama-server).
std::vector<std::string> llama_words(std::vector<std::string> program, const Study& study, const Variant& variant,
                                     const LlamaSettings& settings, const Listen& listen);

/// The model's name that the server will tell: the variant's, unless the study's args give an alias.
std::string llama_alias(const Study& study, const Variant& variant);

}  // namespace qc

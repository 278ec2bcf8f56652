#pragma once
// Every setting of a vLLM that can be read, from its log first, then from its own answers. Texts in, settings out.
#include <optional>
#include <string>

#include "measure/engines/vllm_log.h"
#include "record/proof.h"

namespace qc {

/// What a vLLM said. Each may be empty: no log of an attached server, /server_info only with VLLM_SERVER_DEV_MODE=1.
struct VllmTexts {
  std::string log;
  std::string server_info;                ///< /server_info?config_format=json; releases that answer with text are read as well
  std::string metrics;
  std::optional<int> capability = {};     ///< compute capability of the card, 89 for 8.9; empty: not known
  std::string forced_by = {};             ///< a variable of the environment that we started it with which takes kernels away (kernel_speed.h)
};

/// The named settings (max_model_len, prefix_caching ...), then all others as "config.KEY" and "env.NAME". What no source tells is
/// added with the reason. Environment variables that hold keys or paths are left out.
void add_vllm_settings(const VllmTexts& texts, SettingList& settings);

}  // namespace qc

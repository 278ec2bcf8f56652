#pragma once
// vLLM's /server_info (VLLM_SERVER_DEV_MODE=1): its whole configuration, its environment, its machine. Text in, names and values out.
#include <string_view>

#include "measure/engines/python_text.h"

namespace qc {

/// How a release gives its configuration: as JSON with nested names ("cache_config.cache_dtype"), or as the log's engine line does.
enum class ConfigForm { line, json };

struct ServerInfo {
  ConfigForm form = ConfigForm::line;
  NamedTexts config, environment, system;   ///< values as we write them; all empty where the text is no such answer
};

ServerInfo read_server_info(std::string_view text);

}  // namespace qc

#pragma once
// One reader a format. Each fails as usage without the file's name, which read_runs puts in front.
#include "exchange/read/read.h"

namespace qc {

/// A file's whole text, and its name for whoever looks for what lies beside it.
struct SourceFile { std::string name, text; };
using Runs = Result<std::vector<ReadRun>>;

Runs read_vllm(const SourceFile& source);
Runs read_sglang(const SourceFile& source);
Runs read_guidellm(const SourceFile& source);
Runs read_aiperf(const SourceFile& source);
Runs read_llama_bench(const SourceFile& source);
Runs read_csv(const SourceFile& source, const ColumnMap& map);

}  // namespace qc

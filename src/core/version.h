#pragma once
// What this program is: for --version, the manifest and every report's footer.
#include <string>

namespace qc {

struct Version { std::string number, git_id, build_type, compiler, engine_release; };
Version program_version();

}  // namespace qc

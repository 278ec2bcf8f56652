#include "core/version.h"

#include "version_values.h"

namespace qc {

Version program_version() { return {QC_VERSION, QC_GIT_ID, QC_BUILD_TYPE, QC_COMPILER, QC_ENGINE_RELEASE}; }

}  // namespace qc

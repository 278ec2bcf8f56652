#pragma once
// What a report says in place of its own method where the figures were measured elsewhere and imported.
#include <optional>

#include "report/compose_parts.h"

namespace qc {

inline bool is_imported(const Composer& c) { return !c.data.imported.empty(); }

/// "vllm bench serve", or several with "and".
std::string tools_of(const Composer& c);
/// What the reader must know before the first figure.
std::string imported_note(const Composer& c);
/// Which file gave what: in place of the table of the load.
void add_origins(Composer& c, std::vector<Block>& blocks);
/// The answers' length where the files tell it: ", 128 output tokens a request"; else empty.
std::string length_words(const Composer& c, const Workload& workload);
std::string imported_intro(Composer& c, const WorkloadComparison& workload);
/// Whether any request of this workload came along with its file.
bool has_requests(const Composer& c, const Workload& workload);
Section compose_imported_methodology(Composer& c);

}  // namespace qc

#pragma once
// What a result file's name says of the variant and the workload in it.
#include <string>
#include <vector>

namespace qc {

/// Empty where the name does not say.
struct NamedFile { std::string variant, workload; };

/// For the files of one import together, since what all their names share tells them apart in nothing: "rtx_chat_bf16.csv" and
/// "rtx_batch_awq.csv" are bf16 under chat and awq under batch. Words of a load ("conc8", "run2", a date) are left out. A file
/// that goes by its tool's default name is called after its folder.
std::vector<NamedFile> names_of_files(const std::vector<std::string>& files);

/// A name as a study may have it: of a hub id the last part, and no characters that a file's name can't hold.
std::string study_name(const std::string& text);

}  // namespace qc

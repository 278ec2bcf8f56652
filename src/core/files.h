#pragma once
// Small file work: whole reads, atomic writes, expansion of ~ and $VAR, our cache folder.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace qc {

/// The file's bytes. Fails as usage, naming the path and the system's reason.
Result<std::string> read_file(const std::filesystem::path& path);

/// Writes beside the target and renames, so that a reader sees the old file or the whole new one; makes parent folders.
Status write_file(const std::filesystem::path& path, std::string_view bytes);

/// "~/x" and "$VAR/x" as a shell would. Unset variables stay as typed, except QUANTCASE_MODELS (cache_dir()/models) and QUANTCASE_CACHE.
std::string expand_path(std::string_view path);

/// A program as a shell finds it: a path as it is, a bare name in PATH; an executable file. Empty: there is none.
std::optional<std::filesystem::path> find_program(std::string_view name);

/// $QUANTCASE_CACHE, else ${XDG_CACHE_HOME:-~/.cache}/quantcase.
std::filesystem::path cache_dir();

/// Hex SHA-256 of bytes, and of a file read in pieces.
std::string sha256(std::string_view bytes);
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace qc

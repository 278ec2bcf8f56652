#include "core/files.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

#include "core/text.h"

namespace qc {
namespace {

std::string system_reason() { return std::strerror(errno); }

using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Digest new_digest() {
  Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  return digest;
}

std::string hex(Digest digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string home() {
  const char* value = std::getenv("HOME");
  return value ? value : "/root";
}

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> variable(const std::string& name) {
  if (const char* value = std::getenv(name.c_str()); value && *value) return value;
  if (name == "QUANTCASE_CACHE") return cache_dir().string();
  if (name == "QUANTCASE_MODELS") return (cache_dir() / "models").string();
  return std::nullopt;
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return is_program(name) ? std::optional<std::filesystem::path>(name) : std::nullopt;
  const char* path = std::getenv("PATH");
  for (const auto& folder : split(path ? path : "", ':'))
    if (const auto file = std::filesystem::path(folder) / name; !name.empty() && !folder.empty() && is_program(file)) return file;
  return std::nullopt;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return fail(Fault::usage, fmt::format("{}: is a folder, not a file", path.string()));
  if (std::filesystem::is_character_file(path, error) || std::filesystem::is_block_file(path, error)) return fail(Fault::usage, fmt::format("{}: is a device, not a file", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Fault::usage, fmt::format("{}: cannot be read: {}", path.string(), system_reason()));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code error;
  const auto cannot = [&](int why) {   // no room is no mistake of the user's: what is measured can be written later
    const bool full = why == ENOSPC || why == EDQUOT;
    return fail(full ? Fault::interrupted : Fault::usage, fmt::format("{}: cannot be written: {}{}", path.string(), std::strerror(why), full ? "; make room there" : ""));
  };
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return cannot(error.value());
  const std::string temporary = path.string() + ".part";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  int why = out ? 0 : errno != 0 ? errno : EIO;
  if (why == 0) std::filesystem::rename(temporary, path, error), why = error.value();
  if (why == 0) return ok();
  std::filesystem::remove(temporary, error);
  return cannot(why);
}

std::string expand_path(std::string_view path) {
  if (path == "~" || path.starts_with("~/")) return home() + std::string(path.substr(1));
  std::string out;
  for (std::size_t i = 0; i < path.size();) {
    std::size_t end = i + 1;
    if (path[i] == '$') {
      const bool braced = end < path.size() && path[end] == '{';
      const std::size_t begin = end + (braced ? 1 : 0);
      end = begin;
      while (end < path.size() && (std::isalnum(static_cast<unsigned char>(path[end])) || path[end] == '_')) ++end;
      const auto value = variable(std::string(path.substr(begin, end - begin)));
      if (braced && end < path.size() && path[end] == '}') ++end;
      if (value) {
        out += *value;
        i = end;
        continue;
      }
    }
    out += path.substr(i, end - i);
    i = end;
  }
  return out;
}

std::filesystem::path cache_dir() {
  if (const char* own = std::getenv("QUANTCASE_CACHE"); own && *own) return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg) return std::filesystem::path(xdg) / "quantcase";
  return std::filesystem::path(home()) / ".cache" / "quantcase";
}

std::string sha256(std::string_view bytes) {
  Digest digest = new_digest();
  EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
  return hex(std::move(digest));
}

Result<std::string> sha256_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Fault::usage, fmt::format("{}: cannot be read: {}", path.string(), system_reason()));
  Digest digest = new_digest();
  std::string piece(1u << 20, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0)
    EVP_DigestUpdate(digest.get(), piece.data(), static_cast<std::size_t>(in.gcount()));
  return hex(std::move(digest));
}

}  // namespace qc

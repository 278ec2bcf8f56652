#pragma once
// Result<T>: a value, or an Error that says what the world did. Takes std::expected's names (g++ 12 has none).
#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace qc {

/// What kind of thing went wrong; the program's exit codes are made from it (cli/exit_code.h).
enum class Fault {
  defect,       ///< ours (exit 1)
  usage,        ///< command line or study file (exit 2)
  engine,       ///< a server would not start, attach or stay up (exit 3)
  interrupted,  ///< Ctrl-C or SIGTERM; resumable (exit 5)
  damaged,      ///< the store or a file is damaged or does not add up (exit 6)
  refused,      ///< the variants are not comparable (exit 8)
};

/// One failure, for a person: names the file or thing, what was found, and the remedy.
struct Error {
  Fault fault = Fault::defect;
  std::string message;
};

/// Marks a returned Error, as std::unexpected does: `return fail(Fault::engine, "...")`.
struct Failed {
  Error error;
};
inline Failed fail(Fault fault, std::string message) { return {{fault, std::move(message)}}; }
inline Failed fail(Error error) { return {std::move(error)}; }

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}        // NOLINT: implicit on purpose
  Result(Failed failed) : state_(std::in_place_index<1>, std::move(failed.error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { assert(has_value()); return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& value() const& { assert(has_value()); return *std::get_if<0>(&state_); }
  T&& value() && { assert(has_value()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const { assert(!has_value()); return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;
inline Status ok() { return Ok{}; }

}  // namespace qc

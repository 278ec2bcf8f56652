#pragma once
// The kernel's receive timestamps of a socket, on our clock.
#include <cstddef>

#include "measure/client/tape.h"

namespace qc {

/// Asks the kernel to stamp what this socket receives. Where it can't, receive_stamped says Stamp::user.
void ask_for_stamps(int socket);

struct StampedRead {
  std::ptrdiff_t bytes = 0;   ///< as recvmsg: 0 end of file, -1 see errno
  Arrival arrival;            ///< of the last of these bytes
};
/// A read that does not block.
StampedRead receive_stamped(int socket, char* buffer, std::size_t size);

}  // namespace qc

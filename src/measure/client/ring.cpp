#include "measure/client/ring.h"

#include <liburing.h>
#include <linux/errqueue.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "measure/client/stamp.h"

namespace qc {
namespace {

constexpr unsigned kSubmissions = 256, kCompletions = 4096, kAtOnce = 256;
constexpr unsigned kBuffers = 1024, kBufferSize = 2048;   // both powers of two; a usual event with its frame is 200 to 400 bytes
constexpr int kGroup = 0;
constexpr std::uint64_t kNobody = 0, kWatched = 1, kFirstPlace = 2;   // what an operation is for, in the low half of its user data

std::size_t place_of(std::uint64_t ticket) { return static_cast<std::size_t>((ticket & 0xffffffffU) - kFirstPlace); }

}  // namespace

struct Ring::Impl {
  struct Listener { int socket = -1; void* tag = nullptr; std::uint64_t ticket = 0; };   // ticket 0: free

  io_uring ring{};
  io_uring_buf_ring* buffers = nullptr;
  std::vector<char> memory = std::vector<char>(std::size_t{kBuffers} * kBufferSize);
  msghdr shape{};                         // room for the stamp; no address
  std::vector<Listener> listeners;
  std::vector<std::size_t> free_places;
  std::vector<std::uint64_t> to_renew;    // whose receive ended although the socket goes on
  std::vector<unsigned short> lent;       // buffers that the last wait()'s deliveries point into
  std::vector<Delivery> out;
  std::uint32_t generation = 0;
  int watched = -1;
  bool ready = false, woken = false;

  ~Impl();
  bool set_up();
  io_uring_sqe* next();
  void receive(const Listener& listener);
  void watch_on();
  void enter(Instant until);
  void take_back_buffers();
  void take(const io_uring_cqe& cqe);
  void read_message(const io_uring_cqe& cqe, Delivery& delivery);
  [[nodiscard]] const Listener* listener_of(std::uint64_t ticket) const;
};

Ring::Impl::~Impl() {
  if (ready) io_uring_queue_exit(&ring);
  if (buffers) munmap(buffers, kBuffers * sizeof(io_uring_buf));
}

bool Ring::Impl::set_up() {
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  params.cq_entries = kCompletions;
  if (io_uring_queue_init_params(kSubmissions, &ring, &params) < 0) return false;
  ready = true;
  void* const room = mmap(nullptr, kBuffers * sizeof(io_uring_buf), PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (room == MAP_FAILED) return false;
  buffers = static_cast<io_uring_buf_ring*>(room);
  io_uring_buf_reg reg{};
  reg.ring_addr = reinterpret_cast<std::uint64_t>(buffers);
  reg.ring_entries = kBuffers;
  reg.bgid = kGroup;
  if (io_uring_register_buf_ring(&ring, &reg, 0) < 0) return false;
  io_uring_buf_ring_init(buffers);
  for (unsigned i = 0; i < kBuffers; ++i) lent.push_back(static_cast<unsigned short>(i));
  take_back_buffers();
  shape.msg_controllen = CMSG_SPACE(sizeof(scm_timestamping));
  return true;
}

io_uring_sqe* Ring::Impl::next() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  if (!sqe) io_uring_submit(&ring), sqe = io_uring_get_sqe(&ring);
  return sqe;
}

void Ring::Impl::receive(const Listener& listener) {
  io_uring_sqe* const sqe = next();
  io_uring_prep_recvmsg_multishot(sqe, listener.socket, &shape, 0);
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = kGroup;
  io_uring_sqe_set_data64(sqe, listener.ticket);
}

void Ring::Impl::watch_on() {
  io_uring_sqe* const sqe = next();
  io_uring_prep_poll_multishot(sqe, watched, POLLIN);
  io_uring_sqe_set_data64(sqe, kWatched);
}

/// Hands over what was asked for, and waits for the first completion.
void Ring::Impl::enter(Instant until) {
  const std::int64_t left = (until - monotonic_clock().now()).count();
  if (left <= 0) {
    io_uring_submit_and_get_events(&ring);
    return;
  }
  __kernel_timespec limit{left / 1'000'000'000, left % 1'000'000'000};
  io_uring_cqe* first = nullptr;
  io_uring_submit_and_wait_timeout(&ring, &first, 1, &limit, nullptr);
}

void Ring::Impl::take_back_buffers() {
  int added = 0;
  for (const unsigned short id : lent) io_uring_buf_ring_add(buffers, memory.data() + std::size_t{id} * kBufferSize, kBufferSize, id, io_uring_buf_ring_mask(kBuffers), added++);
  io_uring_buf_ring_advance(buffers, added);
  lent.clear();
}

const Ring::Impl::Listener* Ring::Impl::listener_of(std::uint64_t ticket) const {
  const std::size_t place = place_of(ticket);
  return ticket >> 32 && place < listeners.size() && listeners[place].ticket == ticket ? &listeners[place] : nullptr;
}

/// The kernel puts a head before the stamp and the bytes.
void Ring::Impl::read_message(const io_uring_cqe& cqe, Delivery& delivery) {
  io_uring_recvmsg_out* const message = io_uring_recvmsg_validate(memory.data() + std::size_t{lent.back()} * kBufferSize, cqe.res, &shape);
  if (!message) return;
  delivery.bytes = {static_cast<const char*>(io_uring_recvmsg_payload(message, &shape)), io_uring_recvmsg_payload_length(message, cqe.res, &shape)};
  for (cmsghdr* c = io_uring_recvmsg_cmsg_firsthdr(message, &shape); c; c = io_uring_recvmsg_cmsg_nexthdr(message, &shape, c))
    if (const auto stamp = stamp_of(*c)) delivery.stamped_ns = stamp;
}

void Ring::Impl::take(const io_uring_cqe& cqe) {
  if (cqe.flags & IORING_CQE_F_BUFFER) lent.push_back(static_cast<unsigned short>(cqe.flags >> IORING_CQE_BUFFER_SHIFT));
  if (cqe.user_data == kWatched) {
    woken = true;
    if (!(cqe.flags & IORING_CQE_F_MORE)) watch_on();
  }
  const Listener* const listener = listener_of(cqe.user_data);
  if (!listener) return;
  Delivery delivery{listener->tag, listener->ticket, {}, 0, 0};
  const bool no_room = cqe.res == -ENOBUFS || cqe.res == -EAGAIN || cqe.res == -EINTR;
  if (cqe.res > 0) read_message(cqe, delivery);
  else if (!no_room) delivery.error = -cqe.res;
  const bool over = !no_room && delivery.bytes.empty();
  if (!no_room) out.push_back(delivery);
  if (!over && !(cqe.flags & IORING_CQE_F_MORE)) to_renew.push_back(listener->ticket);
}

Ring::Ring(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ring::~Ring() = default;

std::unique_ptr<Ring> Ring::make() {
  auto impl = std::make_unique<Impl>();
  if (!impl->set_up()) return nullptr;
  return std::unique_ptr<Ring>(new Ring(std::move(impl)));
}

std::uint64_t Ring::deliver(int socket, void* tag) {
  if (impl_->free_places.empty()) {
    impl_->free_places.push_back(impl_->listeners.size());
    impl_->listeners.emplace_back();
  }
  const std::size_t place = impl_->free_places.back();
  impl_->free_places.pop_back();
  impl_->listeners[place] = {socket, tag, (std::uint64_t{++impl_->generation} << 32) | (place + kFirstPlace)};
  impl_->receive(impl_->listeners[place]);
  return impl_->listeners[place].ticket;
}

void Ring::forget(std::uint64_t ticket) {
  if (!impl_->listener_of(ticket)) return;
  impl_->listeners[place_of(ticket)] = {};
  impl_->free_places.push_back(place_of(ticket));
  io_uring_sqe* const sqe = impl_->next();
  io_uring_prep_cancel64(sqe, ticket, 0);
  io_uring_sqe_set_data64(sqe, kNobody);
}

void Ring::watch(int file) {
  impl_->watched = file;
  impl_->watch_on();
}

std::span<const Delivery> Ring::wait(Instant until) {
  impl_->take_back_buffers();
  for (const std::uint64_t ticket : std::exchange(impl_->to_renew, {}))
    if (const auto* const listener = impl_->listener_of(ticket)) impl_->receive(*listener);
  impl_->out.clear();
  impl_->woken = false;
  impl_->enter(until);
  unsigned head = 0, seen = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&impl_->ring, head, cqe) {
    if (seen == kAtOnce) break;
    ++seen;
    impl_->take(*cqe);
  }
  io_uring_cq_advance(&impl_->ring, seen);
  return impl_->out;
}

bool Ring::woken() const { return impl_->woken; }

}  // namespace qc

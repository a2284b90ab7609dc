// Writer: full parts leave while the next one fills. One put if there is only one.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

#include <unistd.h>

#include "vfs/base/fail.hpp"
#include "vfs/base/memory_budget.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/context.hpp"
#include "vfs/transfer/open.hpp"
#include "vfs/transfer/plan.hpp"
#include "vfs/transfer/progress.hpp"
#include "vfs/transfer/transfer.hpp"

namespace cairn::vfs {

namespace {

constexpr std::uint32_t kGrowthStep = 1000;  // parts of one size, where their number is limited

transfer::PartGrowth growth_of(Store& store, Services& services, std::uint64_t wish) {
  const Capabilities& can = store.capabilities();
  const bool equal = can.max_parts == 0 || services.config.transfer.fixed_part_size;
  transfer::PartGrowth growth{.first = transfer::part_size({store, services}, 0, wish),
                              .step = equal ? 0U : kGrowthStep};
  if (can.max_part > 0) growth.largest = can.max_part;
  return growth;
}

}  // namespace

struct Writer::State {
  State(transfer::Owner owner_, Path path_, WriteOptions options_)
      : owner(std::move(owner_)),
        path(std::move(path_)),
        options(std::move(options_)),
        services(owner.context->services()),
        growth(growth_of(*owner.store, services, options.part_size)),
        meter(options.progress, 0),
        forward(options.call.stop, [this] { stop.request_stop(); }) {}

  void write(std::span<const std::byte> bytes);
  WriteResult commit();
  void abort() noexcept;

  const transfer::Owner owner;
  const Path path;
  const WriteOptions options;
  Services& services;
  const transfer::PartGrowth growth;
  transfer::ProgressMeter meter;
  const pid_t pid{getpid()};
  std::stop_source stop{};
  std::stop_callback<std::function<void()>> forward;

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail(ErrorCode::invalid_argument, "write", owner.store->url(path), why);
  }
  /// Whatever fails on the way leaves a hole in the file: there is no going on after it.
  void begin() {
    if (closed_) refuse("the writer is closed");
    if (std::exchange(broken_, true)) refuse("an earlier write failed");
  }
  WriteResult put_or_commit();
  void start_buffer();
  void send_buffer();
  void send(std::uint32_t index, const Buffer& buffer, std::uint64_t reserved) noexcept;
  void wait_until(std::size_t in_flight);
  void release(std::uint64_t bytes) { services.memory->give_back(bytes); }

  Buffer buffer_;
  std::uint64_t part_size_{0};  // of the buffer
  std::size_t filled_{0};
  std::unique_ptr<Upload> upload_;
  std::uint32_t parts_{0};
  bool closed_{false};
  bool broken_{false};

  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t in_flight_{0};      // guarded by mutex_
  std::exception_ptr failure_{};  // guarded by mutex_
};

void Writer::State::write(std::span<const std::byte> bytes) {
  begin();
  while (!bytes.empty()) {
    if (filled_ == part_size_ && !buffer_.empty())
      send_buffer();  // only now: a file of exactly one part is one put
    if (buffer_.empty()) start_buffer();
    const std::size_t count = std::min<std::size_t>(bytes.size(), part_size_ - filled_);
    std::memcpy(buffer_.data() + filled_, bytes.data(), count);
    filled_ += count;
    bytes = bytes.subspan(count);
  }
  broken_ = false;
}

/// Waits for memory while parts of ours are under way, which will give theirs back; one buffer we
/// take in any case.
void Writer::State::start_buffer() {
  const auto parallel = static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1));
  part_size_ = transfer::part_size_at(parts_, growth);
  std::size_t allowed = owner.store->capabilities().parallel_parts ? parallel : 1;
  wait_until(allowed - 1);
  while (!services.memory->try_take(part_size_)) {
    if (allowed == 1) {
      services.memory->take(part_size_);
      break;
    }
    wait_until(--allowed - 1);
  }
  try {
    buffer_ = Buffer(part_size_);
  } catch (...) {
    release(part_size_);
    throw;
  }
  filled_ = 0;
}

/// Waits until at most so many parts are under way. Throws what one of them threw.
void Writer::State::wait_until(std::size_t in_flight) {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return in_flight_ <= in_flight || failure_; });
  if (failure_) std::rethrow_exception(failure_);
}

void Writer::State::send_buffer() {
  const std::uint32_t limit = owner.store->capabilities().max_parts;
  if (limit > 0 && parts_ == limit) {
    refuse("it takes more than the " + std::to_string(limit) +
           " parts that the store allows; set TransferOptions::part_size");
  }
  if (!upload_) upload_ = owner.store->start_upload(path, options);
  buffer_.shrink(filled_);
  auto buffer = std::make_shared<Buffer>(std::move(buffer_));
  buffer_ = Buffer();
  filled_ = 0;
  const std::uint32_t index = parts_++;
  {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
  }
  try {
    services.pool->submit(
        [this, index, buffer, reserved = part_size_] { send(index, *buffer, reserved); });
  } catch (...) {
    send(index, *buffer, part_size_);  // no thread to be had: here and now
  }
}

void Writer::State::send(std::uint32_t index, const Buffer& buffer,
                         std::uint64_t reserved) noexcept {
  std::exception_ptr thrown;
  try {
    upload_->put_part(index, buffer, {stop.get_token(), options.call.deadline});
    meter.add(buffer.size());
  } catch (...) {
    thrown = std::current_exception();
    stop.request_stop();
  }
  release(reserved);
  const std::lock_guard lock(mutex_);
  if (thrown && !failure_) failure_ = std::move(thrown);
  --in_flight_;
  ended_.notify_all();
}

WriteResult Writer::State::commit() {
  begin();
  WriteResult result = put_or_commit();
  closed_ = true;
  return result;
}

WriteResult Writer::State::put_or_commit() {
  if (!upload_) {
    WriteResult result =
        owner.store->put(path, std::as_const(buffer_).span().first(filled_), options);
    meter.add(filled_);
    return result;
  }
  if (filled_ > 0) send_buffer();
  wait_until(0);
  return upload_->commit(options.call);
}

void Writer::State::abort() noexcept {
  stop.request_stop();
  {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return in_flight_ == 0; });
  }
  if (buffer_.data() != nullptr) release(part_size_);
  buffer_ = Buffer();
  if (!std::exchange(closed_, true) && upload_) upload_->abort();
}

namespace {

/// In a forked child the parts under way are the parent's, and so is the upload: it is not ours to
/// end.
Writer::State& usable(const std::unique_ptr<Writer::State>& state) {
  if (!state) fail(ErrorCode::invalid_argument, "write", {}, "the writer was moved away");
  if (state->pid == getpid()) return *state;
  fail(ErrorCode::unsupported, "write", state->owner.store->url(state->path),
       "the file was opened before fork()");
}

}  // namespace

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;

Writer& Writer::operator=(Writer&& other) noexcept {
  if (this == &other) return *this;
  abort();
  state_ = std::move(other.state_);
  return *this;
}

Writer::~Writer() {
  abort();
}

void Writer::write(std::span<const std::byte> bytes) {
  usable(state_).write(bytes);
}

WriteResult Writer::commit() {
  return usable(state_).commit();
}

void Writer::abort() noexcept {
  if (!state_) return;
  if (state_->pid != getpid()) {
    static_cast<void>(state_.release());  // leaked on purpose
    return;
  }
  state_->abort();
}

Writer transfer::open_writer(Owner owner, const Path& path, const WriteOptions& options) {
  return Writer(std::make_unique<Writer::State>(std::move(owner), path, options));
}

}  // namespace cairn::vfs

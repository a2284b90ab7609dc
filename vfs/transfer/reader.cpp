// Reader: one version of a file, by position or front to back with read-ahead.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <utility>

#include <unistd.h>

#include "vfs/base/fail.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/context.hpp"
#include "vfs/crypto/checksum.hpp"
#include "vfs/transfer/open.hpp"
#include "vfs/transfer/transfer.hpp"

namespace cairn::vfs {
namespace {

constexpr std::uint64_t kFirstWindow = 256ULL << 10;
constexpr std::uint64_t kMaxWindow = 16ULL << 20;

/// What any thread needs to read from the file.
struct Source {
  transfer::Owner owner;
  FileInfo info;
  ReadOptions options;  // pinned to the version of `info`

  void fill(std::uint64_t offset, std::span<std::byte> out) const {
    const RangeRead range{offset, out};
    const transfer::Target target{*owner.store, owner.context->services()};
    transfer::read_ranges(target, info.path, std::span(&range, 1), options);
  }
};

/// A stretch of the file, here or on its way.
struct Window {
  std::uint64_t offset{0};
  Buffer bytes{};

  std::mutex mutex{};
  std::condition_variable ended{};
  bool done{false};              // guarded by mutex
  std::exception_ptr failure{};  // guarded by mutex

  [[nodiscard]] std::uint64_t end() const { return offset + bytes.size(); }
  [[nodiscard]] bool holds(std::uint64_t position) const {
    return offset <= position && position < end();
  }

  void load(const Source& source) noexcept {
    std::exception_ptr thrown;
    try {
      source.fill(offset, bytes.span());
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    failure = std::move(thrown);
    done = true;
    ended.notify_all();
  }

  void wait() {
    std::unique_lock lock(mutex);
    ended.wait(lock, [this] { return done; });
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace

struct Reader::State {
  explicit State(std::shared_ptr<const Source> source_) : source(std::move(source_)) {}

  std::size_t read(std::span<std::byte> out);

  const std::shared_ptr<const Source> source;
  std::uint64_t position{0};

 private:
  std::size_t fill(std::span<std::byte> out);
  void verify(std::uint64_t start, std::span<const std::byte> bytes);
  void advance();
  std::shared_ptr<Window> start(std::uint64_t offset);

  std::uint64_t window_{kFirstWindow};
  std::shared_ptr<Window> current_;
  std::shared_ptr<Window> ahead_;  // on its way
  pid_t pid_{getpid()};
  std::uint64_t verified_{0};  // the bytes before this are part of
  std::uint64_t running_{0};   // this checksum
};

std::size_t Reader::State::read(std::span<std::byte> out) {
  const std::uint64_t start = position;
  const std::size_t count = fill(out);
  verify(start, out.first(count));
  return count;
}

/// A file that is read from front to back has passed through here as a whole.
void Reader::State::verify(std::uint64_t start, std::span<const std::byte> bytes) {
  const FileInfo& info = source->info;
  if (!info.checksum || start > verified_ || start + bytes.size() <= verified_) return;
  const auto fresh = bytes.subspan(verified_ - start);
  running_ = crypto::checksum(info.checksum->type, fresh, running_);
  verified_ += fresh.size();
  if (verified_ == info.size && running_ != info.checksum->value) {
    fail(ErrorCode::corrupt, "read", source->owner.store->url(info.path),
         "the bytes that came do not have the checksum that the store keeps of the file",
         "what was read of it before can't be trusted: read it again, or restore it");
  }
}

/// Large reads go straight into the caller's memory; small ones come out of a window, which grows
/// while reading goes on in order.
std::size_t Reader::State::fill(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size() && position < source->info.size) {
    const auto rest = out.subspan(done);
    const bool buffered =
        (current_ && current_->holds(position)) || (ahead_ && ahead_->holds(position));
    if (!buffered && rest.size() >= window_) {
      const std::size_t count = std::min<std::uint64_t>(rest.size(), source->info.size - position);
      source->fill(position, rest.first(count));
      position += count;
      done += count;
      continue;
    }
    if (!current_ || !current_->holds(position)) advance();
    const auto offset = static_cast<std::size_t>(position - current_->offset);
    const std::size_t count = std::min(rest.size(), current_->bytes.size() - offset);
    std::memcpy(rest.data(), current_->bytes.data() + offset, count);
    position += count;
    done += count;
  }
  return done;
}

/// Makes the window at the position the current one.
void Reader::State::advance() {
  if (std::exchange(pid_, getpid()) != getpid())
    ahead_ = nullptr;  // in a forked child it never comes
  const bool in_order = current_ && current_->end() == position;
  window_ = in_order ? std::min(window_ * 2, kMaxWindow) : kFirstWindow;
  std::shared_ptr<Window> next = std::exchange(ahead_, nullptr);
  current_ = nullptr;
  if (!next || !next->holds(position)) {
    next = start(position);
    next->load(*source);
  }
  next->wait();
  if (in_order && next->end() < source->info.size) {
    ahead_ = start(next->end());
    source->owner.context->services().pool->submit(
        [window = ahead_, from = source] { window->load(*from); });
  }
  current_ = std::move(next);
}

std::shared_ptr<Window> Reader::State::start(std::uint64_t offset) {
  auto window = std::make_shared<Window>();
  window->offset = offset;
  window->bytes = Buffer(std::min(window_, source->info.size - offset));
  return window;
}

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

const FileInfo& Reader::info() const {
  return state_->source->info;
}

std::size_t Reader::pread(std::span<std::byte> out, std::uint64_t offset) const {
  const std::uint64_t size = info().size;
  if (offset >= size) return 0;
  const std::size_t count = std::min<std::uint64_t>(out.size(), size - offset);
  if (count > 0) state_->source->fill(offset, out.first(count));
  return count;
}

std::size_t Reader::read(std::span<std::byte> out) {
  return state_->read(out);
}
void Reader::seek(std::uint64_t offset) {
  state_->position = offset;
}

Reader transfer::open_reader(Owner owner, const Path& path, const ReadOptions& options) {
  auto info = stat_version(*owner.store, path, options.version, options.call);
  const std::string url = owner.store->url(path);
  if (!info) fail(ErrorCode::not_found, "read", url);
  if (info->type == FileType::directory) fail(ErrorCode::is_a_directory, "read", url);
  if (!options.if_match.empty() && options.if_match != info->etag) {
    fail(ErrorCode::precondition_failed, "read", url, "the file has changed");
  }
  ReadOptions pinned = options;
  pinned.if_match = info->etag;
  info->path = path;
  auto source =
      std::make_shared<const Source>(Source{std::move(owner), *std::move(info), std::move(pinned)});
  return Reader(std::make_unique<Reader::State>(std::move(source)));
}

}  // namespace cairn::vfs

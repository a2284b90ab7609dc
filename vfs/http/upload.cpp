// Parts of a file that has to go up in one request.
#include <map>
#include <mutex>
#include <utility>

#include "vfs/base/fail.hpp"
#include "vfs/http/spool.hpp"
#include "vfs/http/write.hpp"

namespace cairn::vfs::http {
namespace {

std::string temporary_folder(const Config& config) {
  const auto folder = config.environment("TMPDIR");
  return folder && !folder->empty() ? *folder : "/tmp";
}

class SpooledUpload final : public Upload {
 public:
  SpooledUpload(std::shared_ptr<Connection> connection, Path path, WriteOptions options)
      : connection_(std::move(connection)),
        path_(std::move(path)),
        options_(std::move(options)),
        spool_(temporary_folder(connection_->services().config), connection_->url(path_)) {}

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override {
    check_call(options, "write", connection_->url(path_));
    const Spool::Extent extent = spool_.append(part);
    const std::lock_guard lock(mutex_);
    parts_.insert_or_assign(index, extent);  // one that was sent before is not used any more
  }

  WriteResult commit(const CallOptions& options) override {
    check_call(options, "write", connection_->url(path_));
    WriteOptions write = options_;
    write.call = options;
    return put_file(*connection_, path_, whole(), write);
  }

  void abort() noexcept override {}  // the spool goes with this

 private:
  Body whole() {
    const std::lock_guard lock(mutex_);
    const std::span<const std::byte> bytes = spool_.map();
    Body body;
    std::uint32_t next = 0;
    for (const auto& [index, extent] : parts_) {
      if (index != next++) {
        connection_->fail("write", path_, ErrorCode::invalid_argument, "a part is missing");
      }
      body.append(bytes.subspan(extent.offset, extent.size));
    }
    return body;
  }

  const std::shared_ptr<Connection> connection_;
  const Path path_;
  const WriteOptions options_;
  Spool spool_;
  std::mutex mutex_;
  std::map<std::uint32_t, Spool::Extent> parts_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<Upload> start_spooled(std::shared_ptr<Connection> connection, const Path& path,
                                      const WriteOptions& options) {
  return std::make_unique<SpooledUpload>(std::move(connection), path, options);
}

}  // namespace cairn::vfs::http

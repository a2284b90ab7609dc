// Parts as objects of their own, put together by the service, at most 32 at once.
// https://cloud.google.com/storage/docs/composite-objects
#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "vfs/base/thread_pool.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/remove.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/gcs/temporary.hpp"
#include "vfs/gcs/upload.hpp"
#include "vfs/gcs/write.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr std::size_t kMaxSources = 32;

class ComposeUpload final : public Upload {
 public:
  ComposeUpload(std::shared_ptr<Connection> connection, Path path, WriteOptions options)
      : connection_(std::move(connection)),
        path_(std::move(path)),
        options_(std::move(options)),
        token_(net::make_token(*connection_->services().random)),
        folder_(temporary_folder(path_, token_)),
        // What can't be sent is refused before the first part is.
        description_(object_resource(options_, connection_->config().storage_class, token_)) {}
  ~ComposeUpload() override { abort(); }
  ComposeUpload(const ComposeUpload&) = delete;
  ComposeUpload& operator=(const ComposeUpload&) = delete;

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override;
  WriteResult commit(const CallOptions& options) override;
  void abort() noexcept override;

 private:
  struct Part {
    Component component{};
    std::uint64_t size{0};
    std::uint32_t crc32c{0};
  };
  Path temporary(std::string_view name);
  [[nodiscard]] std::vector<Component> reduce(std::vector<Component> sources, int level,
                                              const CallOptions& options);
  [[nodiscard]] net::Outcome compose(const Path& to, nlohmann::json destination,
                                     std::span<const Component> sources, const Query& query,
                                     const CallOptions& options);
  [[nodiscard]] WriteResult finish(std::span<const Component> sources, const Evidence& sent,
                                   const CallOptions& options);
  void remove_temporaries(const CallOptions& options);

  std::shared_ptr<Connection> connection_;
  Path path_;
  WriteOptions options_;
  std::string token_;
  Path folder_;
  nlohmann::json description_;
  net::PartList<Part> parts_;
  std::mutex mutex_;
  std::vector<Path> temporaries_;  // all that may be there; guarded by mutex_
};

Path ComposeUpload::temporary(std::string_view name) {
  Path path(folder_.string() + std::string(name));
  const std::lock_guard lock(mutex_);
  temporaries_.push_back(path);
  return path;
}

void ComposeUpload::put_part(std::uint32_t index, const Body& part, const CallOptions& options) {
  const Path path = temporary(fmt::format("{:05}", index));
  const std::uint32_t crc = crypto::crc32c(part);
  const WriteResult written = put_object(*connection_, path, part, {.call = options}, crc);
  Part kept{.component = {.name = path.string(), .generation = written.version},
            .size = part.size(),
            .crc32c = crc};
  parts_.keep(index, std::move(kept));
}

net::Outcome ComposeUpload::compose(const Path& to, nlohmann::json destination,
                                    std::span<const Component> sources, const Query& query,
                                    const CallOptions& options) {
  return connection_->send(
      {.operation = "commit",
       .target = action_target(connection_->bucket(), to, "compose", query),
       .request = json_request("POST", compose_document(std::move(destination), sources)),
       .response_patience = connection_->services().config.http.commit_timeout,
       .options = options},
      to);
}

/// Groups of 32 become one object each, until one call takes all.
std::vector<Component> ComposeUpload::reduce(std::vector<Component> sources, int level,
                                             const CallOptions& options) {
  if (sources.size() <= kMaxSources) return sources;
  const std::size_t groups = (sources.size() + kMaxSources - 1) / kMaxSources;
  std::vector<Component> made(groups);
  const Services& services = connection_->services();
  services.pool->for_each(
      groups, static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t group, std::stop_token stop) {
        const CallOptions call{.stop = std::move(stop), .deadline = options.deadline};
        const auto rest = std::span<const Component>(sources).subspan(group * kMaxSources);
        const auto members = rest.first(std::min(kMaxSources, rest.size()));
        const Path to = temporary(fmt::format("{}-{:05}", level, group));
        const net::Outcome outcome = compose(to, nlohmann::json::object(), members, {}, call);
        if (!outcome.ok()) connection_->fail("commit", path_, outcome);
        const auto object = parse_object(outcome.response.body);
        if (!object) {
          connection_->fail("commit", path_, ErrorCode::corrupt, "the answer is no object");
        }
        made[group] = {.name = to.string(), .generation = object->info.version};
      },
      options.stop);
  return reduce(std::move(made), level + 1, options);
}

WriteResult ComposeUpload::finish(std::span<const Component> sources, const Evidence& sent,
                                  const CallOptions& options) {
  WriteOptions doubted = options_;
  doubted.call = options;
  Query query;
  add_conditions(query, options_);
  const net::Outcome outcome = compose(path_, description_, sources, query, options);
  if (!outcome.ok()) return settle(*connection_, "commit", path_, outcome, sent, doubted);
  const auto object = parse_object(outcome.response.body);
  if (!object) connection_->fail("commit", path_, ErrorCode::corrupt, "the answer is no object");
  check_written(*connection_, "commit", path_, object->info, sent, options);
  return {.size = sent.size, .etag = object->info.etag, .version = object->info.version};
}

WriteResult ComposeUpload::commit(const CallOptions& options) {
  const std::vector<Part> parts = parts_.complete(*connection_, path_);
  Evidence sent{.token = token_, .crc32c = 0};
  std::vector<Component> sources;
  for (const Part& part : parts) {
    sent.size += part.size;
    sent.crc32c =
        crypto::crc_combine(crypto::kCrc32cPolynomial, *sent.crc32c, part.crc32c, part.size);
    sources.push_back(part.component);
  }
  WriteResult result;
  if (sources.empty()) {  // there is nothing to put together
    WriteOptions empty = options_;
    empty.call = options;
    result = put_object(*connection_, path_, {}, empty);
  } else {
    sources = reduce(std::move(sources), 0, options);
    result = finish(sources, sent, options);
  }
  abort();  // of what is left: the object is written, whatever becomes of its parts
  return result;
}

void ComposeUpload::remove_temporaries(const CallOptions& options) {
  std::vector<Path> paths;
  {
    const std::lock_guard lock(mutex_);
    paths.swap(temporaries_);
  }
  if (!paths.empty()) static_cast<void>(remove_objects(*connection_, paths, options));
}

void ComposeUpload::abort() noexcept {
  try {
    remove_temporaries(net::abort_options(options_.call));
  } catch (...) {  // NOLINT(bugprone-empty-catch): remove_stale_uploads finds them
  }
}

}  // namespace

std::unique_ptr<Upload> start_compose_upload(const std::shared_ptr<Connection>& connection,
                                             const Path& path, const WriteOptions& options) {
  return std::make_unique<ComposeUpload>(connection, path, options);
}

}  // namespace cairn::vfs::gcs

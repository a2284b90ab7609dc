// The commands for what only some stores can do.
#include <chrono>
#include <ctime>
#include <ostream>
#include <vector>

#include "tools/cairn/commands.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"
#include "vfs/powers.hpp"

namespace cairn::tools {

void sign(const Session& session, const SignCommand& command) {
  const auto [files, path] = session.context->resolve(command.url);
  const vfs::Secret url =
      files.sign(path, {.method = command.put ? vfs::SignMethod::put : vfs::SignMethod::get,
                        .expires = std::chrono::seconds{command.expires},
                        .call = {.stop = session.stop}});
  session.output << url.reveal() << '\n';  // what the user has asked for
}

void uploads(const Session& session, const UploadsCommand& command) {
  const auto [files, path] = session.context->resolve(command.url);
  const vfs::CallOptions call{.stop = session.stop};
  const auto entries = command.remove ? files.remove_stale_uploads(
                                            path, std::chrono::hours{command.older_than}, call)
                                      : files.list_uploads(path, call);
  for (const vfs::UnfinishedUpload& upload : entries) {
    session.output << time_text(upload.started) << "  " << files.url(upload.path) << '\n';
  }
}

}  // namespace cairn::tools

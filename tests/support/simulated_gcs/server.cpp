#include "tests/support/simulated_gcs/server.hpp"

#include <stdexcept>

#include "tests/support/simulated_gcs/authorize.hpp"
#include "tests/support/simulated_gcs/batch.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/routes.hpp"

namespace cairn::test::sim::gcs {
namespace {

std::string origin_of(const std::string& url) {
  return url.substr(0, url.find('/', url.find("://") + 3));
}

/// '+' is a space in a query, and a client that means a plus has to encode it.
bool has_bare_plus(const std::string& url) {
  const std::size_t query = url.find('?');
  return query != url.npos && url.find_first_of("+ ", query) != url.npos;
}

Reply refuse(const Call& call, const Refused& refused) {
  const Api api = api_of(call);
  Reply reply = api == Api::json    ? json_error(refused)
                : api == Api::media ? text_error(refused)
                                    : xml_error(refused);
  if (call.http.method == "HEAD") reply.body.clear();
  return reply;
}

bool is_xml_upload(const Call& call) {
  return call.http.asks("uploads") || call.http.asks("uploadId");
}

}  // namespace

Reply Server::handle(const vfs::net::Request& request, TimePoint now) {
  state_.now = now;
  return answer(request);
}

Reply Server::answer(const vfs::net::Request& request) {
  Call call;
  try {
    call.http = read_request(request);
    call.origin = origin_of(request.url);
    if (has_bare_plus(request.url)) violate(state_, "a bare '+' in the query: " + request.url);
    return route(call);
  } catch (const Refused& refused) {
    return refuse(call, refused);
  } catch (const std::invalid_argument& error) {
    state_.violations.emplace_back(error.what());
    return refuse(call, invalid(error.what()));
  }
}

Reply Server::route(Call& call) {
  if (call.http.raw_path == "/batch/storage/v1") {
    if (!state_.options.has_batch) throw Refused{.status = 501, .reason = "notImplemented"};
    if (call.http.method != "POST") violate(state_, "a batch is a POST");
    authorize(state_, call);
    return run_batch(state_, call, [this](const auto& request) { return answer(request); });
  }
  const Route* const found = find_route(state_, call);
  if (found == nullptr) {
    violate(state_, "no such call: " + call.http.method + " " + call.http.raw_path);
  }
  check_request(state_, call, *found);
  authorize(state_, call);
  if (call.bucket != state_.options.bucket) {
    throw Refused{.status = 404,
                  .reason = "notFound",
                  .code = "NoSuchBucket",
                  .message = "The specified bucket does not exist."};
  }
  if (!state_.options.has_xml_uploads && api_of(call) == Api::xml && is_xml_upload(call)) {
    throw Refused{.status = 501, .code = "NotImplemented", .message = "Not Implemented"};
  }
  return found->handler(state_, call);
}

}  // namespace cairn::test::sim::gcs

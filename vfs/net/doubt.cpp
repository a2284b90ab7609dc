#include "vfs/net/doubt.hpp"

#include <fmt/format.h>

namespace cairn::vfs::net {
namespace {

using State = Verification::State;

[[noreturn]] void fail_ended(const Connection& connection, const DoubtfulWrite& write,
                             const Verification& found) {
  ErrorCode code = ErrorCode::conflict;
  if (found.state == State::other && write.options.if_absent) {
    code = ErrorCode::already_exists;
  } else if (!write.options.if_match.empty()) {
    code = ErrorCode::precondition_failed;
  }
  connection.fail(write.operation, write.path, code,
                  "an answer was lost, the upload has ended, and the file is not of it: another "
                  "writer got in between");
}

}  // namespace

std::string make_token(Random& random) {
  return fmt::format("{:016x}{:016x}", random.next(), random.next());
}

bool in_doubt(const Outcome& outcome) {
  if (outcome.earlier_may_have_happened) return true;
  if (outcome.failure) return judge(outcome.failure->kind).may_have_happened;
  return outcome.error && judge(outcome.response.status, outcome.error->code).may_have_happened;
}

Verification not_asked(const Outcome& outcome) {
  if (!outcome.failure) return {};
  if (outcome.failure->kind == TransportFailure::cancelled) return {.cause = ErrorCode::cancelled};
  if (outcome.failure->kind == TransportFailure::deadline) return {.cause = ErrorCode::timeout};
  return {};
}

WriteResult settle(const Connection& connection, const DoubtfulWrite& write,
                   const Outcome& outcome) {
  const Condition condition = condition_of(write.options);
  if (!in_doubt(outcome)) connection.fail(write.operation, write.path, outcome, condition);
  Verification found{.cause = ErrorCode::cancelled};
  if (!write.options.call.stop.stop_requested()) found = write.verify();
  if (found.state == State::written) return found.result;
  const Refusal refusal = write.refusal;
  if ((refusal == Refusal::precondition || refusal == Refusal::ended) &&
      found.state == State::unknown) {
    connection.fail(write.operation, write.path, found.cause,
                    "an earlier answer was lost, and the object can't be asked whether it was "
                    "written",
                    "look at the file before writing it again");
  }
  // The upload has ended, and what is there is not of it: this one was replaced at once, or
  // somebody gave it up. Either way it takes another one.
  if (refusal == Refusal::ended) fail_ended(connection, write, found);
  // Two conditional writes at once: neither is known to have won. If the other one has, its object
  // decides; if not, the parts have to be sent again (S3 says: start from the beginning).
  if (refusal == Refusal::conflict && write.options.if_absent && found.state == State::other) {
    connection.fail(write.operation, write.path, ErrorCode::already_exists,
                    "another writer has created it at the same time");
  }
  connection.fail(write.operation, write.path, outcome, condition);
}

}  // namespace cairn::vfs::net

// The faults that the simulated network and services can make, one at an exchange.
#pragma once

#include <span>
#include <string_view>

namespace cairn::test::sim {

enum class Fault {
  refused,           ///< no connection
  reset_before,      ///< the connection breaks, nothing was carried out
  broken_send,       ///< it breaks while the body goes up
  stalled_before,    ///< silence, nothing was carried out
  stalled_after,     ///< silence, though it was carried out
  lost_answer,       ///< carried out, and the connection breaks
  cut_body,          ///< the connection breaks in the middle of the answer's body
  short_body,        ///< an answer that looks whole and is not
  flipped_download,  ///< one bit of an object's bytes
  flipped_upload,    ///< one bit of the request's body
  resent,            ///< carried out twice; the answer is the second one
  deadline_before,   ///< the caller's deadline passes
  deadline_after,
  cancelled_before,  ///< the caller gives up
  cancelled_after,
  status_408,
  status_429,
  status_500,
  status_500_after,  ///< carried out all the same
  status_502,
  status_503,  ///< too many requests, as S3 and Azure say it
  status_504,
  status_504_after,
  request_timeout,  ///< the service gave up waiting for the body: S3's 400 RequestTimeout
  ok_error,         ///< 200 with an error document
  ok_error_after,
  garbage,  ///< 200 with what is no document of the service, not carried out
  garbage_after,
  empty_after,  ///< 200 with nothing at all, though it was carried out
  skewed,       ///< from here on the server's clock is an hour ahead
  moved_400,    ///< from here on the bucket is in another region: 400 with its name
  moved_301,
  conflict,         ///< another conditional write is under way: S3's 409
  wrong_range,      ///< the bytes of another range than asked for, which it says
  whole_for_range,  ///< 200 with the whole object
  missing_etag,     ///< an answer without what names the version
  replaced,         ///< another client has written the file just before
  expired,          ///< from here on the credentials have run out
  entry_refused,    ///< one entry of a batch could not be seen to just now
  kept_less,        ///< less of a chunk of an upload is kept than was sent
  uploads_lost,     ///< from here on the uploads that were under way are gone
};

[[nodiscard]] std::string_view name_of(Fault fault);
[[nodiscard]] std::span<const Fault> all_faults();
/// The request is carried out and its answer replaced; what the service refuses stays as it is.
[[nodiscard]] bool replaces_answer(Fault fault);

}  // namespace cairn::test::sim

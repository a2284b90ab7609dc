// Errors as the JSON API and the XML API say them.
// https://cloud.google.com/storage/docs/json_api/v1/status-codes
// https://cloud.google.com/storage/docs/xml-api/reference-status
#pragma once

#include <string>

#include "tests/support/simulated/message.hpp"

namespace cairn::test::sim::gcs {

/// Ends a call. Which API was called decides how it is said.
struct Refused {
  int status{400};
  std::string reason{};  ///< JSON: "conditionNotMet"
  std::string code{};    ///< XML: "PreconditionFailed"
  std::string message{};
  std::string domain{"global"};
  std::string location_type{};  ///< JSON: "header", "parameter"
  std::string location{};
};

[[nodiscard]] Reply json_error(const Refused& refused);
[[nodiscard]] Reply xml_error(const Refused& refused);
/// As downloads say it: the message alone. What other clients show of alt=media is
/// "404 … No such object: bucket/name".
[[nodiscard]] Reply text_error(const Refused& refused);

[[nodiscard]] Refused invalid(const std::string& message);
[[nodiscard]] Refused no_such_object(const std::string& bucket, const std::string& name);
[[nodiscard]] Refused condition_not_met();
[[nodiscard]] Refused not_modified();
[[nodiscard]] Refused rate_limit_exceeded();
[[nodiscard]] Refused backend_error(int status);  ///< 500, 503

}  // namespace cairn::test::sim::gcs

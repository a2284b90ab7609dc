// The text of an Error: one line with operation, URL and cause, and a second one with the hint.
#include "vfs/error.hpp"

namespace cairn::vfs {
namespace {

/// "403 AccessDenied, request 4Z1, after 3 attempts"; empty if nothing is known.
std::string describe_response(const ErrorDetails& details) {
  std::string text;
  const auto add = [&text](std::string_view separator, std::string_view part) {
    if (!text.empty()) text += separator;
    text += part;
  };
  if (details.http_status != 0) add("", std::to_string(details.http_status));
  if (!details.service_code.empty()) add(" ", details.service_code);
  if (!details.request_id.empty()) add(", ", "request " + details.request_id);
  if (details.attempts > 1) add(", ", "after " + std::to_string(details.attempts) + " attempts");
  return text;
}

std::string describe(ErrorCode code, const ErrorDetails& details) {
  std::string text = "cannot " + (details.operation.empty() ? "access" : details.operation);
  if (!details.url.empty()) text += " " + details.url;
  text += ": ";
  text += to_string(code);
  if (const std::string response = describe_response(details); !response.empty()) {
    text += " (" + response + ")";
  }
  if (!details.message.empty()) text += ": " + details.message;
  if (!details.hint.empty()) text += "\nhint: " + details.hint;
  return text;
}

}  // namespace

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return "not found";
    case ErrorCode::already_exists:
      return "already exists";
    case ErrorCode::precondition_failed:
      return "precondition failed";
    case ErrorCode::conflict:
      return "conflict with another write";
    case ErrorCode::permission_denied:
      return "permission denied";
    case ErrorCode::unauthenticated:
      return "not authenticated";
    case ErrorCode::untrusted:
      return "server not trusted";
    case ErrorCode::invalid_argument:
      return "invalid argument";
    case ErrorCode::unsupported:
      return "not supported";
    case ErrorCode::is_a_directory:
      return "is a directory";
    case ErrorCode::not_a_directory:
      return "not a directory";
    case ErrorCode::not_empty:
      return "directory not empty";
    case ErrorCode::no_space:
      return "no space left";
    case ErrorCode::rate_limited:
      return "rate limited";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timed out";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::corrupt:
      return "corrupt data";
    case ErrorCode::io:
      return "I/O error";
  }
  return "unknown error";
}

Error::Error(ErrorCode code, ErrorDetails details)
    : std::runtime_error(describe(code, details)), code_(code), details_(std::move(details)) {}

}  // namespace cairn::vfs

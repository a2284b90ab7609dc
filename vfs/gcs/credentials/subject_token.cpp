// Where the token of another identity provider comes from: a file, a URL, a program, AWS.
// https://google.aip.dev/auth/4117#determining-the-subject-token
#include <fmt/format.h>

#include "vfs/gcs/credentials/places.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::CredentialError;

std::string without_blanks(const std::string& text) {
  constexpr const char* kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The token in what `place` gave, by the "format" of the source: text, or a member of JSON.
Secret extract(const Document& source, const std::string& content, const std::string& place) {
  std::string token;
  const Document format =
      source.has("format") ? source.member("format") : Document{.place = source.place};
  if (format.has("type") && format.text("type") != "text") {
    if (format.text("type") != "json") {
      throw CredentialError(
          fmt::format("the \"type\" of {} is neither text nor json", format.place));
    }
    const std::string name = format.require("subject_token_field_name");
    const auto json = net::parse_json_object(content);
    if (!json || net::json_text(*json, name.c_str()).empty()) {
      throw CredentialError(fmt::format("{} holds no JSON object with \"{}\"", place, name),
                            fmt::format("{} asks for it", format.place));
    }
    token = net::json_text(*json, name.c_str());
  } else {
    token = without_blanks(content);
  }
  if (token.empty()) throw CredentialError(fmt::format("{} holds no token", place));
  return token;
}

Secret token_of_file(const Document& source) {
  const std::string path = source.require("file");
  const auto content = net::read_small_file(path);
  if (!content) {
    throw CredentialError(fmt::format("the token file {} can't be read", path),
                          fmt::format("{} names it", source.place));
  }
  return extract(source, *content, path);
}

Secret token_of_url(const CredentialInputs& inputs, const Document& source) {
  const std::string url = source.require("url");
  check_source_url(inputs, url);
  net::Question question{.operation = "subject_token", .url = url};
  if (source.has("headers")) {
    const Document headers = source.member("headers");
    for (const auto& [name, value] : headers.json.items()) {
      const std::string text = headers.require(name.c_str());
      if ((name + text).find_first_of("\r\n") != std::string::npos) {
        throw CredentialError(fmt::format("{} hold a line break", headers.place));
      }
      question.request.headers.set(name, text);
    }
  }
  const net::Outcome outcome = ask(inputs, std::move(question));
  const std::string place = net::redact_url(url);
  if (!outcome.ok()) {
    throw CredentialError(fmt::format("{} gives no token: {}", place, net::describe(outcome)),
                          fmt::format("{} names it", source.place));
  }
  return extract(source, outcome.response.body, place);
}

}  // namespace

void check_source_url(const CredentialInputs& inputs, std::string_view url) {
  const std::string_view host = net::host_of(url);
  const bool metadata = host == "169.254.169.254" || host == "[fd00:ec2::254]";
  if (metadata && url.starts_with("http://") && url.find('@') == url.npos) return;
  net::check_credential_url(inputs.services.config, url);
}

Secret subject_token(const CredentialInputs& inputs, const Document& account) {
  const Document source = account.member("credential_source");
  if (source.has("environment_id")) return aws_token(inputs, account, source);
  if (source.has("file")) return token_of_file(source);
  if (source.has("url")) return token_of_url(inputs, source);
  if (source.has("executable")) {
    return executable_token(inputs, account, source.member("executable"));
  }
  const bool certificate = source.has("certificate");
  throw CredentialError(
      fmt::format("{} names {}", source.place,
                  certificate ? "a certificate, which is not supported" : "no source"),
      "supported are \"file\", \"url\", \"executable\" and \"environment_id\" (AWS)");
}

}  // namespace cairn::vfs::gcs

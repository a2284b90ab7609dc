#include "vfs/http/config.hpp"

#include <algorithm>
#include <array>

#include "vfs/base/fail.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/http/reference.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::http {
namespace {

/// Those that say how a request is sent, or that are ours to say.
constexpr std::array<std::string_view, 14> kReserved{"accept-encoding",
                                                     "connection",
                                                     "content-length",
                                                     "content-range",
                                                     "depth",
                                                     "destination",
                                                     "expect",
                                                     "host",
                                                     "if-match",
                                                     "if-none-match",
                                                     "overwrite",
                                                     "range",
                                                     "te",
                                                     "transfer-encoding"};

[[noreturn]] void refuse(const Site& site, std::string message, std::string hint) {
  fail(ErrorCode::invalid_argument, "open", site.shown({}), std::move(message), std::move(hint));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

void add_authorization(Site& site, const WebOptions& options) {
  const bool basic = !options.user.empty() || !options.password.empty();
  const bool bearer = !options.bearer_token.empty();
  if (basic && bearer) {
    refuse(site, "there are a bearer token and a user name", "give one of the two in WebOptions");
  }
  if (has_control(options.user) || has_control(options.password.reveal())) {
    refuse(site, "the user name or the password holds a line break or a control character",
           "a password that was read from a file often ends in one");
  }
  if (options.user.find(':') != std::string::npos) {
    refuse(site, "a user name holds no ':'", "RFC 7617 leaves no way to send one");
  }
  if (bearer) site.secrets.set("authorization", "Bearer " + options.bearer_token.reveal());
  if (basic) {
    const std::string pair = options.user + ':' + options.password.reveal();
    site.secrets.set("authorization", "Basic " + crypto::base64(as_bytes(pair)));
  }
}

void add_headers(Site& site, const WebOptions& options) {
  for (const auto& [name, value] : options.headers) {
    const bool reserved = std::ranges::find(kReserved, net::lower_case(name)) != kReserved.end();
    if (!is_token(name) || reserved) {
      refuse(site,
             is_token(name) ? "the header " + name + " is not for users to set"
                            : "the name of a header is not a valid one",
             "WebOptions::headers are for keys and the like");
    }
    site.secrets.set(name, value.reveal());
  }
  for (const auto& [name, value] : site.secrets) {
    if (has_control(value)) {
      refuse(site, "the value of " + name + " holds a line break or a control character",
             "a token that was read from a file often ends in one");
    }
  }
}

}  // namespace

std::string Site::target(const Path& path) const {
  return root.with_path(path).string();
}

std::string Site::shown(const Path& path) const {
  return root.with_path(path).with_query(root.query().empty() ? "" : "***").string();
}

Site make_site(const Url& root, const WebOptions& options) {
  Site site{.root = root.with_path({})};
  if (!options.origin.empty()) {
    if (!split(options.origin)) {
      refuse(site, "WebOptions::origin is no http or https URL",
             "write it as https://data.example.org");
    }
    if (!same_origin(site.root.string(), options.origin)) return site;
  }
  add_authorization(site, options);
  add_headers(site, options);
  return site;
}

}  // namespace cairn::vfs::http

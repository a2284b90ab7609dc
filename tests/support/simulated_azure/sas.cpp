#include "tests/support/simulated_azure/sas.hpp"

#include <algorithm>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::azure {
namespace {

std::string field(const Query& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string{} : found->second;
}

std::string lines(const Query& query, std::string_view names) {
  std::string text;
  for (const std::string& name : split(names, ' ')) text += field(query, name) + "\n";
  return text;
}

[[noreturn]] void refuse(std::string detail) {
  throw Refusal("AuthenticationFailed", std::move(detail));
}

std::string signed_with(const std::string& key, const std::string& text) {
  return base64(hmac_sha256(from_base64(key).value(), text));
}

/// Depth of a directory that sdd names: /a/b has 2.
std::string first_segments(const std::string& name, std::size_t count) {
  const auto segments = split(name, '/');
  std::string directory;
  for (std::size_t i = 0; i < std::min(count, segments.size()); ++i) {
    directory += (i == 0 ? "" : "/") + segments[i];
  }
  return directory;
}

/// "/blob/account/container/name", decoded; dfs signs the same.
std::string canonical_resource(const Query& query, const Address& address) {
  std::string text = "/blob/" + address.account + "/" + address.container;
  const std::string resource = field(query, "sr");
  if (resource == "b") text += "/" + address.name;
  if (resource == "d") {
    const auto depth = read_number(field(query, "sdd"));
    if (!depth) refuse("Signature fields not well formed.");
    text += "/" + first_segments(address.name, *depth);
  }
  return text;
}

std::string account_text(const Query& query, const Account& account) {
  return account.name + "\n" + lines(query, "sp ss srt st se sip spr sv ses");
}

/// Each field on its line, the last one without an end of line.
std::string service_text(const Query& query, const Address& address) {
  const std::string version = field(query, "sv");
  std::string text = lines(query, "sp st se") + canonical_resource(query, address) + "\n";
  if (query.contains("skoid")) {
    text += lines(query, "skoid sktid skt ske sks skv saoid suoid scid");
    if (version >= "2025-07-05") text += lines(query, "skdutid sduoid");
  } else {
    text += lines(query, "si");
  }
  // No snapshot time: the model has no snapshots to read.
  text += lines(query, "sip spr sv sr") + "\n" + lines(query, "ses");
  if (query.contains("skoid") && version >= "2026-04-06") text += lines(query, "srh srq");
  text += lines(query, "rscc rscd rsce rscl rsct");
  text.pop_back();
  return text;
}

std::string date_of(const std::string& field) {
  const auto time = read_iso_date(field);
  return time ? http_date(*time) : std::string{};
}

void check_time(const Query& query, TimePoint now) {
  const std::string start = field(query, "st");
  const std::string expiry = field(query, "se");
  const auto from = read_iso_date(start);
  const auto to = read_iso_date(expiry);
  if (!to || (!start.empty() && !from)) refuse("Signature fields not well formed.");
  if ((!from || *from <= now) && now < *to) return;
  refuse("Signature not valid in the specified time frame: Start [" + date_of(start) +
         "] - Expiry [" + date_of(expiry) + "] - Current [" + http_date(now) + "]");
}

void check_delegation(const Query& query, TimePoint now) {
  const auto from = read_iso_date(field(query, "skt"));
  const auto to = read_iso_date(field(query, "ske"));
  if (!from || !to || field(query, "sks") != "b") refuse("Signature fields not well formed.");
  if (now < *from || now >= *to) refuse("User delegation key has expired or is not valid yet.");
}

void check_account_scope(const Query& query, char resource_type) {
  if (field(query, "ss").find('b') == std::string::npos) {
    throw Refusal("AuthorizationServiceMismatch");
  }
  if (field(query, "srt").find(resource_type) == std::string::npos) {
    throw Refusal("AuthorizationResourceTypeMismatch");
  }
}

/// Permissions come in this order (page "Create a service SAS", Specify permissions).
bool in_order(const std::string& permissions) {
  constexpr std::string_view kOrder = "racwdxyltmeopfi";
  std::size_t before = 0;
  for (const char letter : permissions) {
    const std::size_t at = kOrder.find(letter);
    if (at == kOrder.npos || at < before) return false;
    before = at;
  }
  return !permissions.empty();
}

}  // namespace

std::string check_sas(const Query& query, const Address& address, char resource_type,
                      const Account& account, TimePoint now) {
  const bool of_account = query.contains("ss");
  if (field(query, "sv") < "2020-12-06" || !read_iso_date(field(query, "sv")) ||
      field(query, "sp").empty() || (!of_account && !in_order(field(query, "sp")))) {
    refuse("Signature fields not well formed.");
  }
  const std::string text = of_account ? account_text(query, account) : service_text(query, address);
  std::string key = account.key;
  if (query.contains("skoid")) {
    key = delegation_key(account, field(query, "skoid"), field(query, "sktid"), field(query, "skt"),
                         field(query, "ske"), field(query, "skv"));
  } else if (!account.shared_key) {
    throw Refusal("AuthorizationFailure");
  }
  if (signed_with(key, text) != field(query, "sig")) {
    refuse("Signature did not match. String to sign used was " + text);
  }
  check_time(query, now);
  if (query.contains("skoid")) check_delegation(query, now);
  if (field(query, "spr") == "https" && !address.secure) {
    throw Refusal("AuthorizationProtocolMismatch");
  }
  if (of_account) check_account_scope(query, resource_type);
  // A service SAS names one container: it is no good for calls of the account.
  if (!of_account && resource_type == 's') throw Refusal("AuthorizationFailure");
  // ... and that of a blob or a directory none for those of the container.
  if (!of_account && resource_type == 'c' && field(query, "sr") == "b") {
    throw Refusal("AuthorizationResourceTypeMismatch");
  }
  return field(query, "sp");
}

std::string delegation_key(const Account& account, const std::string& object_id,
                           const std::string& tenant_id, const std::string& start,
                           const std::string& expiry, const std::string& version) {
  return signed_with(account.key, "delegation\n" + object_id + "\n" + tenant_id + "\n" + start +
                                      "\n" + expiry + "\nb\n" + version);
}

}  // namespace cairn::test::sim::azure

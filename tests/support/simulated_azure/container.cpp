// List Blobs, List Containers, Get Account Information, Get User Delegation Key.
#include <algorithm>

#include <pugixml.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/sas.hpp"
#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

std::string element(const std::string& name, std::string_view text) {
  return "<" + name + ">" + escape_xml(text) + "</" + name + ">";
}

/// Characters that XML 1.0 cannot carry: the name is percent-encoded then and says so (page "List
/// Blobs", since version 2021-02-12). U+FFFE and U+FFFF are the others.
std::string name_element(const std::string& name) {
  const bool plain =
      std::ranges::all_of(name, [](unsigned char c) { return c >= 0x20 || c == '\t'; }) &&
      name.find("\xEF\xBF\xBE") == name.npos && name.find("\xEF\xBF\xBF") == name.npos;
  if (plain) return element("Name", name);
  return "<Name Encoded=\"true\">" + encode(name) + "</Name>";
}

/// Unlike the header, the element has no quotes around the etag.
std::string properties(const Blob& blob, bool hierarchical) {
  std::string text = element("Creation-Time", http_date(blob.created)) +
                     element("Last-Modified", http_date(blob.modified)) +
                     element("Etag", blob.etag.substr(1, blob.etag.size() - 2));
  if (hierarchical) text += element("ResourceType", blob.directory ? "directory" : "file");
  text += element("Content-Length", std::to_string(blob.bytes->size()));
  for (const auto& [name, value] : blob.content) text += element(name, value);
  text += element("Content-MD5", blob.md5) + element("BlobType", "BlockBlob") +
          element("LeaseStatus", blob.lease.empty() ? "unlocked" : "locked");
  return "<Properties>" + text + "</Properties>";
}

std::string metadata(const Blob& blob) {
  std::string text;
  for (const auto& [name, value] : blob.metadata) text += element(name, value);
  if (blob.directory) text += element("hdi_isfolder", "true");
  return "<Metadata>" + text + "</Metadata>";
}

/// An opaque text; "2!" is how the cloud's begin.
std::string make_marker(const std::string& after, bool empty_page) {
  return std::string(empty_page ? "2!e" : "2!m") + hex(after);
}

struct Marker {
  std::string after{};
  bool after_empty_page{false};
};

Marker read_marker(const std::string& text) {
  if (text.empty()) return {};
  const auto after = text.size() < 3 ? std::nullopt : from_hex(text.substr(3));
  if (!after || !text.starts_with("2!")) throw Refusal("InvalidQueryParameterValue");
  return {.after = *after, .after_empty_page = text[2] == 'e'};
}

std::size_t read_limit(const Incoming& request, std::size_t page) {
  if (!request.asks("maxresults")) return page;
  const auto limit = read_number(request.parameter("maxresults"));
  // "Less than or equal to zero: 400"; more than 5,000 counts as 5,000.
  if (!limit || *limit == 0) throw Refusal("OutOfRangeInput");
  return std::min<std::size_t>(*limit, page);
}

void check_include(const Incoming& request) {
  constexpr std::string_view kKnown =
      "metadata copy snapshots uncommittedblobs deleted versions tags";
  if (request.parameter("include").empty()) return;
  for (const std::string& word : split(request.parameter("include"), ',')) {
    if (!has_word(kKnown, word)) throw Refusal("InvalidQueryParameterValue");
  }
}

}  // namespace

/// What List Blobs shows, by name; null: a prefix. In a hierarchical account a directory is a blob
/// of its own in a flat list, and its prefix where there is a delimiter.
std::map<std::string, const Blob*> Server::listed(const std::string& prefix,
                                                  const std::string& delimiter) const {
  std::map<std::string, const Blob*> entries;
  for (const auto& [key, blob] : blobs_) {
    const bool as_prefix = blob.directory && delimiter == "/";
    const std::string name = as_prefix ? key + "/" : key;
    if (!name.starts_with(prefix) || (as_prefix && name == prefix)) continue;
    const std::size_t end = delimiter.empty() ? name.npos : name.find(delimiter, prefix.size());
    if (end == name.npos) {
      entries[name] = &blob;
    } else {
      entries[name.substr(0, end + delimiter.size())] = nullptr;
    }
  }
  return entries;
}

/// https://learn.microsoft.com/rest/api/storageservices/list-blobs
/// Names in the order of their bytes; blobs and prefixes are mixed; a prefix counts as one entry.
/// A page may have fewer entries than it could, even none, and still a marker.
Reply Server::list_blobs(const Turn& turn) const {
  const Incoming& request = turn.request;
  check_include(request);
  const std::string prefix = request.parameter("prefix");
  if (options_.hierarchical) check_list_prefix(prefix);
  const bool with_metadata =
      ("," + request.parameter("include") + ",").find(",metadata,") != std::string::npos;
  const std::size_t limit = read_limit(request, options_.page);
  const Marker marker = read_marker(request.parameter("marker"));
  const bool empty_page = options_.empty_pages && !marker.after_empty_page;
  const auto all = listed(prefix, request.parameter("delimiter"));
  auto entry = all.upper_bound(marker.after);
  std::string entries;
  std::string last = marker.after;
  for (std::size_t count = 0; !empty_page && count < limit && entry != all.end(); ++count) {
    const auto& [name, blob] = *entry++;
    last = name;
    if (blob == nullptr) {
      entries += "<BlobPrefix>" + name_element(name) + "</BlobPrefix>";
    } else {
      entries += "<Blob>" + name_element(name) + properties(*blob, options_.hierarchical) +
                 (with_metadata ? metadata(*blob) : "") + "</Blob>";
    }
  }
  const bool more = entry != all.end();
  Reply reply{.headers = {{"Content-Type", "application/xml"}}};
  if (options_.byte_order_mark) reply.body = kByteOrderMark;
  reply.body += std::string(kDeclaration) + "<EnumerationResults ContainerName=\"" +
                options_.container + "\">" + element("Prefix", prefix) + "<Blobs>" + entries +
                "</Blobs>" +
                (more ? element("NextMarker", make_marker(last, empty_page)) : "<NextMarker />") +
                "</EnumerationResults>";
  return reply;
}

/// "In accounts with a hierarchical namespace, an error occurs if the name of a file appears in the
/// middle of the prefix path." The page does not say which.
void Server::check_list_prefix(const std::string& prefix) const {
  for (std::size_t at = prefix.find('/'); at != prefix.npos; at = prefix.find('/', at + 1)) {
    const Blob* blob = find(prefix.substr(0, at));
    if (blob != nullptr && !blob->directory) throw Refusal("ResourceTypeMismatch");
  }
}

/// https://learn.microsoft.com/rest/api/storageservices/list-containers2
Reply Server::list_containers(const Turn& turn) const {
  std::string containers;
  if (options_.container.starts_with(turn.request.parameter("prefix"))) {
    containers = "<Container>" + element("Name", options_.container) + "<Properties>" +
                 element("Last-Modified", http_date(TimePoint{})) +
                 element("Etag", "0x8DC000000000000") + element("LeaseStatus", "unlocked") +
                 element("LeaseState", "available") + "</Properties></Container>";
  }
  return {.headers = {{"Content-Type", "application/xml"}},
          .body = std::string(kDeclaration) + "<EnumerationResults><Containers>" + containers +
                  "</Containers><NextMarker /></EnumerationResults>"};
}

/// https://learn.microsoft.com/rest/api/storageservices/get-account-information
Reply Server::account_information() const {
  return {.headers = {{"x-ms-sku-name", "Standard_LRS"},
                      {"x-ms-account-kind", "StorageV2"},
                      {"x-ms-is-hns-enabled", options_.hierarchical ? "true" : "false"}}};
}

/// https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
/// For bearer tokens only; at most 7 days.
Reply Server::user_delegation_key(const Turn& turn) const {
  if (!turn.grant.by_token)
    throw Refusal("AuthenticationFailed", "Only authentication scheme Bearer is supported");
  pugi::xml_document document;
  if (!document.load_buffer(turn.request.body.data(), turn.request.body.size())) {
    throw Refusal("InvalidXmlDocument");
  }
  const pugi::xml_node info = document.child("KeyInfo");
  const std::string start = info.child("Start").text().get();
  const std::string expiry = info.child("Expiry").text().get();
  const auto to = read_iso_date(expiry);
  const auto from = start.empty() ? std::optional(now_) : read_iso_date(start);
  if (!from || !to || *to <= now_ || *to > now_ + std::chrono::days{7}) {
    throw Refusal("InvalidInput");
  }
  const std::string object_id = "00000000-0000-0000-0000-0000000000a1";
  const std::string tenant_id = "00000000-0000-0000-0000-00000000c0de";
  const std::string version = turn.request.header("x-ms-version");
  return {.headers = {{"Content-Type", "application/xml"}},
          .body = std::string(kDeclaration) + "<UserDelegationKey>" +
                  element("SignedOid", object_id) + element("SignedTid", tenant_id) +
                  element("SignedStart", start) + element("SignedExpiry", expiry) +
                  element("SignedService", "b") + element("SignedVersion", version) +
                  element("Value", delegation_key(options_.account, object_id, tenant_id, start,
                                                  expiry, version)) +
                  "</UserDelegationKey>"};
}

}  // namespace cairn::test::sim::azure

#include "tests/support/simulated_azure/calls.hpp"

#include <algorithm>
#include <array>

#include "tests/support/simulated_azure/text.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::string_view kParameters = "timeout";
constexpr std::string_view kHeaders =
    "accept authorization content-length date user-agent x-ms-client-request-id x-ms-date "
    "x-ms-return-client-request-id x-ms-version";
constexpr std::string_view kConditions =
    "if-match if-none-match if-modified-since if-unmodified-since x-ms-lease-id";
constexpr std::string_view kSourceConditions =
    "x-ms-source-if-match x-ms-source-if-none-match x-ms-source-if-modified-since "
    "x-ms-source-if-unmodified-since";
constexpr std::string_view kBlobHeaders =
    "x-ms-blob-content-type x-ms-blob-content-encoding x-ms-blob-content-language "
    "x-ms-blob-content-disposition x-ms-blob-cache-control x-ms-blob-content-md5 "
    "x-ms-access-tier x-ms-tags";
constexpr std::string_view kPathHeaders =
    "x-ms-content-type x-ms-content-encoding x-ms-content-language x-ms-content-disposition "
    "x-ms-cache-control";
/// Signed fields of a SAS, and the response headers that it may override.
constexpr std::string_view kSas =
    "sv ss srt sp st se sip spr sr sig si sdd ses skoid sktid skt ske sks skv saoid suoid scid "
    "skdutid sduoid srh srq rscc rscd rsce rscl rsct";

// Groups of headers, for the table's last columns.
constexpr std::string_view kConditional = "@conditions";

constexpr auto B = Endpoint::blob;
constexpr auto D = Endpoint::dfs;

// The first row that fits counts. Each call has a page of its name below
// https://learn.microsoft.com/rest/api/storageservices/ (Data Lake: datalakestoragegen2/path/…).
constexpr std::array kRules{
    Rule{Call::account_information, B, "GET", Place::account, "restype=account comp=properties", "",
         "", "", "", "rwdlacup", 's'},
    Rule{Call::account_information, B, "HEAD", Place::account, "restype=account comp=properties",
         "", "", "", "", "rwdlacup", 's'},
    Rule{Call::account_information, B, "GET", Place::container, "restype=account comp=properties",
         "", "", "", "", "rwdlacup", 's'},
    Rule{Call::account_information, B, "HEAD", Place::container, "restype=account comp=properties",
         "", "", "", "", "rwdlacup", 's'},
    Rule{Call::list_containers, B, "GET", Place::account, "comp=list", "",
         "prefix marker maxresults include", "", "", "l", 's'},
    Rule{Call::user_delegation_key, B, "POST", Place::account,
         "restype=service comp=userdelegationkey", "", "", "", "content-type", "", 's'},
    Rule{Call::batch, B, "POST", Place::account, "comp=batch", "", "", "content-type", "",
         "rwdlacup", 's'},
    Rule{Call::batch, B, "POST", Place::container, "restype=container comp=batch", "", "",
         "content-type", "", "rwdlacup", 'c'},
    Rule{Call::list_blobs, B, "GET", Place::container, "restype=container comp=list", "",
         "prefix delimiter marker maxresults include", "", "", "l", 'c'},
    Rule{Call::container_properties, B, "GET", Place::container, "restype=container", "", "", "",
         "x-ms-lease-id", "r", 'c'},
    Rule{Call::container_properties, B, "HEAD", Place::container, "restype=container", "", "", "",
         "x-ms-lease-id", "r", 'c'},
    Rule{Call::put_block_from_url, B, "PUT", Place::blob, "comp=block", "x-ms-copy-source",
         "blockid", "",
         "@source x-ms-copy-source x-ms-source-range x-ms-source-content-md5 "
         "x-ms-source-content-crc64 x-ms-copy-source-authorization x-ms-lease-id",
         "w", 'o'},
    Rule{Call::put_block, B, "PUT", Place::blob, "comp=block", "", "blockid", "",
         "content-md5 content-type x-ms-content-crc64 x-ms-lease-id", "w", 'o'},
    Rule{Call::put_block_list, B, "PUT", Place::blob, "comp=blocklist", "", "", "",
         "@conditions @blob @meta content-md5 content-type x-ms-content-crc64", "cw", 'o'},
    Rule{Call::get_block_list, B, "GET", Place::blob, "comp=blocklist", "", "blocklisttype", "",
         "x-ms-lease-id", "r", 'o'},
    Rule{Call::set_metadata, B, "PUT", Place::blob, "comp=metadata", "", "", "",
         "@conditions @meta", "w", 'o'},
    Rule{Call::abort_copy, B, "PUT", Place::blob, "comp=copy", "", "copyid", "x-ms-copy-action",
         "x-ms-lease-id", "w", 'o'},
    Rule{Call::put_blob_from_url, B, "PUT", Place::blob, "", "x-ms-blob-type x-ms-copy-source", "",
         "",
         "@conditions @source @blob @meta x-ms-blob-type x-ms-copy-source x-ms-source-content-md5 "
         "x-ms-copy-source-authorization x-ms-copy-source-blob-properties",
         "cw", 'o'},
    Rule{Call::copy_blob, B, "PUT", Place::blob, "", "x-ms-copy-source", "", "",
         "@conditions @source @meta x-ms-access-tier x-ms-tags x-ms-copy-source x-ms-requires-sync "
         "x-ms-source-content-md5 "
         "x-ms-copy-source-authorization",
         "cw", 'o'},
    Rule{Call::put_blob, B, "PUT", Place::blob, "", "", "", "x-ms-blob-type",
         "@conditions @blob @meta content-md5 content-type x-ms-content-crc64", "cw", 'o'},
    Rule{Call::get_blob, B, "GET", Place::blob, "", "", "", "",
         "@conditions range x-ms-range x-ms-range-get-content-md5 x-ms-range-get-content-crc64",
         "r", 'o'},
    Rule{Call::get_properties, B, "HEAD", Place::blob, "", "", "", "", kConditional, "r", 'o'},
    Rule{Call::delete_blob, B, "DELETE", Place::blob, "", "", "", "",
         "@conditions x-ms-delete-snapshots", "d", 'o'},
    Rule{Call::list_paths, D, "GET", Place::container, "resource=filesystem recursive", "",
         "directory continuation maxResults upn", "", "", "l", 'c'},
    Rule{Call::filesystem_properties, D, "HEAD", Place::container, "resource=filesystem", "", "",
         "", "", "r", 'c'},
    Rule{Call::path_access, D, "HEAD", Place::container, "action=getAccessControl", "", "upn", "",
         kConditional, "rp", 'c'},
    Rule{Call::path_access, D, "HEAD", Place::blob, "action=getAccessControl", "", "upn", "",
         kConditional, "rp", 'o'},
    Rule{Call::rename_path, D, "PUT", Place::blob, "", "x-ms-rename-source", "mode continuation",
         "", "@conditions @source x-ms-rename-source x-ms-source-lease-id x-ms-properties", "m",
         'o'},
    Rule{Call::create_path, D, "PUT", Place::blob, "resource", "", "", "",
         "@conditions @path x-ms-properties x-ms-permissions x-ms-umask", "cw", 'o'},
    Rule{Call::append, D, "PATCH", Place::blob, "action=append position", "", "flush", "",
         "content-md5 content-type x-ms-content-crc64 x-ms-lease-id", "aw", 'o'},
    Rule{Call::flush, D, "PATCH", Place::blob, "action=flush position", "",
         "close retainUncommittedData", "", "@conditions @path x-ms-content-md5", "w", 'o'},
    Rule{Call::delete_path, D, "DELETE", Place::blob, "", "", "recursive continuation paginated",
         "", kConditional, "d", 'o'},
    Rule{Call::path_properties, D, "HEAD", Place::blob, "", "", "upn", "", kConditional, "r", 'o'},
    Rule{Call::read_path, D, "GET", Place::blob, "", "", "", "",
         "@conditions range x-ms-range-get-content-md5", "r", 'o'},
};

bool has_parameters(const Incoming& request, std::string_view wanted) {
  if (wanted.empty()) return true;
  return std::ranges::all_of(split(wanted, ' '), [&](const std::string& word) {
    const auto pair = split(word, '=');
    if (!request.asks(pair[0])) return false;
    return pair.size() == 1 || request.parameter(pair[0]) == pair[1];
  });
}

bool has_headers(const Incoming& request, std::string_view wanted) {
  if (wanted.empty()) return true;
  return std::ranges::all_of(split(wanted, ' '),
                             [&](const std::string& name) { return request.has(name); });
}

bool may_have_header(const Rule& rule, std::string_view name) {
  const auto in_group = [&](std::string_view group, std::string_view names) {
    return has_word(rule.more_headers, group) && has_word(names, name);
  };
  return has_word(kHeaders, name) || has_word(rule.required_headers, name) ||
         has_word(rule.more_headers, name) || in_group("@conditions", kConditions) ||
         in_group("@source", kSourceConditions) || in_group("@blob", kBlobHeaders) ||
         in_group("@path", kPathHeaders) ||
         (has_word(rule.more_headers, "@meta") && name.starts_with("x-ms-meta-"));
}

bool may_have_parameter(const Rule& rule, std::string_view name) {
  const auto words = split(rule.parameters, ' ');
  const auto selects = [&](const std::string& word) { return split(word, '=')[0] == name; };
  return std::ranges::any_of(words, selects) || has_word(rule.more_parameters, name) ||
         has_word(kParameters, name) || is_sas_parameter(name);
}

}  // namespace

Place Address::place() const {
  if (container.empty()) return Place::account;
  return name.empty() ? Place::container : Place::blob;
}

Address read_address(const Incoming& request, std::string_view account, std::string_view dfs_host) {
  Address address;
  const std::string known(account);
  std::string path = request.path.substr(std::min<std::size_t>(1, request.path.size()));
  const auto take = [&path] {
    const std::size_t end = std::min(path.find('/'), path.size());
    std::string first = path.substr(0, end);
    path.erase(0, std::min(end + 1, path.size()));
    return first;
  };
  if (request.host.starts_with(known + ".dfs.") || request.host == dfs_host) {
    address.endpoint = Endpoint::dfs;
  }
  const bool in_host =
      request.host.starts_with(known + ".blob.") || request.host.starts_with(known + ".dfs.");
  address.account = in_host ? known : take();
  address.container = take();
  address.name = path;
  return address;
}

const Rule* find_rule(const Incoming& request, const Address& address) {
  const auto* const rule = std::ranges::find_if(kRules, [&](const Rule& candidate) {
    return candidate.endpoint == address.endpoint && candidate.method == request.method &&
           candidate.place == address.place() && has_parameters(request, candidate.parameters) &&
           has_headers(request, candidate.header);
  });
  return rule == kRules.end() ? nullptr : rule;
}

std::vector<std::string> violations_of(const Incoming& request, const Rule& rule) {
  std::vector<std::string> found;
  for (const auto& [name, value] : request.query) {
    if (!may_have_parameter(rule, name)) found.push_back("an unknown parameter: " + name);
  }
  for (const auto& [name, value] : request.headers) {
    if (!may_have_header(rule, name)) found.push_back("an unknown header: " + name);
  }
  for (const std::string& name : split(rule.required_headers, ' ')) {
    if (!name.empty() && !request.has(name)) found.push_back("a missing header: " + name);
  }
  return found;
}

bool is_sas_parameter(std::string_view name) {
  return has_word(kSas, name);
}

}  // namespace cairn::test::sim::azure

// How a Context behaves. Precedence: what stands here, then the environment, then the clouds' own
// files.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vfs/observer.hpp"
#include "vfs/secret.hpp"

namespace cairn::vfs {

/// Looks up an environment variable. The default reads the process's.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct RetryPolicy {
  int max_attempts{10};
  std::chrono::milliseconds base_delay{100};  ///< doubled each time, with full jitter
  std::chrono::milliseconds max_delay{20'000};
  std::chrono::milliseconds budget{300'000};  ///< without progress
  /// Shared by all calls to one host: a retry takes 5 tokens (10 after a timeout), a success gives
  /// them back. None left: no retry.
  int tokens{500};
};

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{
      20'000};  ///< slower than 1 KiB/s for so long: given up and tried again
  std::chrono::milliseconds commit_timeout{
      120'000};  ///< instead, while a server puts parts together or copies
  int max_connections{
      128};  ///< at once, of the Context; lowered per host while a server says "slow down"
  std::string ca_file{};  ///< trusted instead of the system's; empty: AWS_CA_BUNDLE, SSL_CERT_FILE
  Secret proxy{};  ///< its URL, with user and password; empty: HTTPS_PROXY, http_proxy, ALL_PROXY
  bool allow_plain_http{false};  ///< credentials over http: to others than this machine
};

struct TransferOptions {
  int parallel{8};             ///< requests in flight per transfer
  std::uint64_t part_size{0};  ///< 0: the store's
  /// All parts but the last are equal, also of a file that grows without end (R2 wants that).
  bool fixed_part_size{false};
  std::uint64_t memory{256ULL << 20};  ///< buffers of all writers together
  std::uint64_t coalesce_gap{
      1ULL << 20};  ///< read_ranges: ranges closer than this are fetched as one
};

enum class S3Addressing { automatic, path, virtual_host };

/// How new objects are encrypted at rest. Empty: as the bucket says.
struct S3Encryption {
  std::string server_side_encryption{};  ///< "AES256", "aws:kms", "aws:kms:dsse"
  std::string kms_key_id{};
  std::string kms_context{};  ///< JSON: {"team":"vision"}
  bool bucket_key_enabled{false};
  /// SSE-C: 32 bytes. S3 keeps no copy: whoever reads needs it too, and without it the objects are
  /// lost.
  Secret customer_key{};
};

/// Empty fields are looked up as AWS's tools do it: AWS_REGION, AWS_DEFAULT_REGION,
/// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, then
/// ~/.aws/config; credentials in the environment, by web identity, in the profile (keys, roles,
/// SSO, credential_process), of the container and of the instance.
struct S3Options {
  std::string access_key_id{};
  Secret secret_access_key{};
  Secret session_token{};
  std::string profile{};
  std::string region{};
  std::string endpoint_url{};  ///< "http://127.0.0.1:9000"
  S3Addressing addressing{S3Addressing::automatic};
  bool anonymous{false};      ///< send unsigned requests
  bool sign_payload{false};   ///< SHA-256 of the data in the signature, instead of a CRC beside it
  bool use_dualstack{false};  ///< IPv6, too; also AWS_USE_DUALSTACK_ENDPOINT
  bool use_fips{false};       ///< also AWS_USE_FIPS_ENDPOINT
  bool use_accelerate{
      false};  ///< transfer acceleration; also s3.use_accelerate_endpoint of the profile
  bool request_payer{false};            ///< we pay for what we ask of somebody else's bucket
  std::string expected_bucket_owner{};  ///< account ID: refuse a bucket of somebody else
  std::string storage_class{};          ///< of new objects: "STANDARD_IA"; empty: "STANDARD"
  S3Encryption encryption{};
};

/// For http:// and https:// URLs: who we are. It goes to the server of the URL and to no other that
/// this one redirects to, and not over plain http to another machine.
struct WebOptions {
  Secret bearer_token{};
  std::string user{};  ///< and password: the other way to log in (HTTP Basic)
  Secret password{};
  std::map<std::string, Secret> headers{};  ///< others that a server wants: "X-Api-Key"
  /// Whom the above is for: "https://data.example.org". Empty: each server that is opened.
  std::string origin{};
};

/// How an object that does not go up in one request is written.
enum class GcsUpload {
  automatic,  ///< compose for objects that shall be created or replaced under a condition, else xml
  xml,        ///< multipart uploads of the XML API, in parallel
  compose,    ///< parts as objects of their own, in parallel, then put together
  resumable,  ///< one session, part after part: for credentials that may do nothing else
};

/// Empty fields are looked up as Google's tools do it: STORAGE_EMULATOR_HOST,
/// GOOGLE_APPLICATION_CREDENTIALS, gcloud's application default credentials, the metadata server.
struct GcsOptions {
  Secret token{};                  ///< an OAuth 2.0 access token, as it is
  std::string credentials_file{};  ///< JSON: of a service account, a user, a workload identity
  Secret credentials_json{};       ///< the same, itself
  std::string endpoint_url{};      ///< "http://127.0.0.1:4443"; empty: Google's
  bool anonymous{false};           ///< send no credentials
  std::string user_project{};      ///< who pays: requester pays, and quotas of user credentials
  std::string storage_class{};     ///< of new objects: "NEARLINE"; empty: the bucket's
  GcsUpload upload{GcsUpload::automatic};
  std::string hmac_access_id{};  ///< signed URLs by HMAC key instead of a service account's
  Secret hmac_secret{};
  /// The key of a service account buys tokens (a request an hour) instead of signing its own.
  bool exchange_key{false};
};

/// Empty fields are looked up as Azure's tools do it: AZURE_STORAGE_CONNECTION_STRING,
/// AZURE_STORAGE_ACCOUNT, …_KEY, …_SAS_TOKEN, AZURE_TENANT_ID with AZURE_CLIENT_ID and
/// AZURE_CLIENT_SECRET, workload identity, managed identity, the Azure CLI.
struct AzureOptions {
  std::string account{};
  Secret account_key{};        ///< base64
  Secret sas_token{};          ///< "sv=…&sig=…"
  Secret connection_string{};  ///< "AccountName=…;AccountKey=…"
  Secret token{};              ///< an access token of Microsoft Entra ID, as it is
  std::string tenant_id{};
  std::string client_id{};  ///< of an application, or of a managed identity
  Secret client_secret{};
  std::string endpoint_url{};  ///< "http://127.0.0.1:10000/account"; empty: Azure's
  bool anonymous{false};       ///< send no credentials
  std::string access_tier{};   ///< of new blobs: "Cool"; empty: the account's
  /// The account has a hierarchical namespace (Data Lake Gen2); absent: asked once.
  std::optional<bool> hierarchical{};
};

struct Config {
  RetryPolicy retry{};
  HttpOptions http{};
  TransferOptions transfer{};
  S3Options s3{};
  WebOptions web{};
  GcsOptions gcs{};
  AzureOptions azure{};
  Environment environment{};  ///< empty: the process's
  std::shared_ptr<Observer> observer{};
  LogSink log{};
};

}  // namespace cairn::vfs

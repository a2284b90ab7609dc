#include "vfs/azure/errors.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

namespace cairn::vfs::azure {
namespace {

struct CodeRow {
  std::string_view service;
  ErrorCode code;
};
constexpr auto kCodes = std::to_array<CodeRow>({
    {"AccountIsDisabled", ErrorCode::permission_denied},
    {"AuthenticationFailed", ErrorCode::unauthenticated},
    {"BlobAlreadyExists", ErrorCode::already_exists},
    {"BlobArchived", ErrorCode::permission_denied},
    {"BlobBeingRehydrated", ErrorCode::permission_denied},
    {"BlobImmutableDueToPolicy", ErrorCode::permission_denied},
    {"BlobNotFound", ErrorCode::not_found},
    {"BlockCountExceedsLimit", ErrorCode::invalid_argument},
    {"ChecksumMismatch", ErrorCode::corrupt},
    {"ConditionNotMet", ErrorCode::precondition_failed},
    {"ContainerBeingDeleted", ErrorCode::unavailable},
    {"ContainerNotFound", ErrorCode::not_found},
    {"Crc64Mismatch", ErrorCode::corrupt},
    {"DirectoryIsNotEmpty", ErrorCode::not_empty},
    {"EndpointUnsupportedAccountFeatures", ErrorCode::unsupported},
    {"FeatureNotSupported", ErrorCode::unsupported},
    {"FilesystemNotFound", ErrorCode::not_found},
    // Of a token that makes no sense the service says 400, of one that is refused 401.
    {"InvalidAuthenticationInfo", ErrorCode::unauthenticated},
    {"InvalidBlobType", ErrorCode::unsupported},
    {"InvalidBlockList", ErrorCode::conflict},
    {"InvalidRangeResponse", ErrorCode::corrupt},
    {"LeaseIdMismatchWithBlobOperation", ErrorCode::permission_denied},
    {"LeaseIdMissing", ErrorCode::permission_denied},
    {"LeaseLost", ErrorCode::permission_denied},
    {"MalformedResponse", ErrorCode::corrupt},
    {"Md5Mismatch", ErrorCode::corrupt},
    {"NoAuthenticationInformation", ErrorCode::unauthenticated},
    {"OperationTimedOut", ErrorCode::timeout},
    {"PathAlreadyExists", ErrorCode::already_exists},
    {"PathConflict", ErrorCode::not_a_directory},
    {"PathNotFound", ErrorCode::not_found},
    {"PendingCopyOperation", ErrorCode::conflict},
    {"PublicAccessNotPermitted", ErrorCode::permission_denied},
    {"ResourceTypeMismatch", ErrorCode::is_a_directory},
    {"ServerBusy", ErrorCode::rate_limited},
    {"SnapshotsPresent", ErrorCode::conflict},
    {"SourceConditionNotMet", ErrorCode::precondition_failed},
    {"TargetConditionNotMet", ErrorCode::precondition_failed},
    {"UnauthorizedBlobOverwrite", ErrorCode::already_exists},
});

struct HintRow {
  std::string_view service;
  std::string_view hint;
};
constexpr auto kHints = std::to_array<HintRow>({
    {"AccountIsDisabled", "the storage account is disabled: see it in Azure's portal"},
    {"AuthenticationFailed",
     "the account key is not of this account, the SAS is for other files or has run out, or this "
     "machine's clock is wrong"},
    {"AuthorizationFailure",
     "the key or token is not of this account, the SAS is for other files or has run out, or the "
     "account's network rules keep this machine out"},
    {"AuthorizationPermissionMismatch",
     "the identity lacks a role for data, such as \"Storage Blob Data Contributor\", or the SAS a "
     "permission"},
    {"AuthorizationProtocolMismatch", "the SAS is for https only"},
    {"AuthorizationResourceTypeMismatch", "the SAS is not for objects: it needs srt=sco"},
    {"AuthorizationServiceMismatch", "the SAS is not for blobs: it needs ss=b"},
    {"AuthorizationSourceIPMismatch", "the SAS is not for this machine's address"},
    {"BlobArchived", "the blob is archived: rehydrate it first"},
    {"BlobBeingRehydrated", "the blob is on its way out of the archive: try again in some hours"},
    {"BlobImmutableDueToPolicy", "an immutability policy or a legal hold protects the blob"},
    {"ContainerBeingDeleted", "the container is being deleted: wait, or use another name"},
    {"InsufficientAccountPermissions", "the SAS or the identity lacks a permission for this"},
    {"InvalidAuthenticationInfo", "the token was refused: is it for another tenant or audience?"},
    {"InvalidBlobOrBlock",
     "an unfinished upload of another program, whose blocks have names of another length, is in "
     "the way: delete the file, or wait a week until they go"},
    {"InvalidBlobType", "the blob is a page or append blob: remove it first"},
    {"KeyBasedAuthenticationNotPermitted",
     "the account takes no keys: use an identity (Azure CLI, managed identity, client secret)"},
    {"LeaseIdMismatchWithBlobOperation", "somebody holds a lease on the blob: have it released"},
    {"LeaseIdMissing", "somebody holds a lease on the blob: have it released, or break it"},
    {"NoAuthenticationInformation", "the request was anonymous: this needs credentials"},
    {"PathConflict", "a file stands where a directory is needed, or the other way round"},
    {"PublicAccessNotPermitted", "the container is not public: this needs credentials"},
    {"ResourceTypeMismatch", "there is a directory of that name, or a file in its path"},
    {"SnapshotsPresent",
     "the blob has snapshots, which are never removed along: remove them first"},
});

std::string hint_of(const net::Outcome& outcome, const ContainerConfig& config) {
  const std::string& code = outcome.error->code;
  if (code == "ContainerNotFound" || code == "FilesystemNotFound") {
    return fmt::format("there is no container \"{}\" at {}: create it, or check name and account",
                       config.container, config.endpoint);
  }
  if (code == "ResourceNotFound" && config.anonymous) {
    return "there is no such container, or it is not public: this may need credentials";
  }
  if (code == "AuthenticationFailed" && outcome.error->message.find("time frame") != code.npos) {
    return "the SAS has run out or is not valid yet: have a new one made";
  }
  const auto row = std::ranges::find(kHints, code, &HintRow::service);
  if (row != kHints.end()) return std::string(row->hint);
  if (outcome.response.status != 403) return {};
  return config.anonymous ? "the request was anonymous: this may need credentials"
                          : "the credentials lack a permission for this";
}

}  // namespace

ErrorCode code_of(int status, std::string_view code) {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::service);
  return row == kCodes.end() ? net::code_by_status(status) : row->code;
}

net::ErrorRules error_rules(const ContainerConfig& config) {
  return {
      .kind = "an endpoint of Azure Blob Storage",
      .where = config.endpoint,
      .sources =
          "the account's name, AzureOptions::endpoint_url or "
          "AZURE_STORAGE_CONNECTION_STRING",
      .https = config.endpoint.starts_with("https:"),
      .code_of =
          [](const net::Outcome& outcome, net::Condition condition) {
            const ErrorCode code = code_of(outcome.response.status, outcome.error->code);
            // What is gone can't be replaced.
            const bool gone = outcome.error->code == "BlobNotFound";
            if (condition == net::Condition::same && gone) return ErrorCode::precondition_failed;
            return net::under(condition, code);
          },
      .hint_of = [config](const net::Outcome& outcome) { return hint_of(outcome, config); },
  };
}

}  // namespace cairn::vfs::azure

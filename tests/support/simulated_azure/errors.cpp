#include "tests/support/simulated_azure/errors.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace cairn::test::sim::azure {
namespace {

struct Row {
  std::string_view code;
  int status;
  std::string_view message;
};

constexpr std::array kRows{
    // https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
    Row{"AuthenticationFailed", 403,
        "Server failed to authenticate the request. Make sure the value of Authorization header is "
        "formed correctly including the signature."},
    Row{"AuthorizationFailure", 403, "This request is not authorized to perform this operation."},
    Row{"AuthorizationPermissionMismatch", 403,
        "This request is not authorized to perform this operation using this permission."},
    Row{"AuthorizationProtocolMismatch", 403,
        "This request is not authorized to perform this operation using this protocol."},
    Row{"AuthorizationResourceTypeMismatch", 403,
        "This request is not authorized to perform this operation using this resource type."},
    Row{"AuthorizationServiceMismatch", 403,
        "This request is not authorized to perform this operation using this service."},
    Row{"ConditionNotMet", 412,
        "The condition specified using HTTP conditional header(s) is not met."},
    Row{"EmptyMetadataKey", 400, "The key for one of the metadata key-value pairs is empty."},
    Row{"InternalError", 500,
        "The server encountered an internal error. Please retry the request."},
    Row{"InvalidAuthenticationInfo", 401,
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header."},
    Row{"InvalidHeaderValue", 400,
        "The value for one of the HTTP headers is not in the correct format."},
    Row{"InvalidHttpVerb", 405, "The HTTP verb specified was not recognized by the server."},
    Row{"InvalidInput", 400, "One of the request inputs is not valid."},
    Row{"InvalidMetadata", 400,
        "The specified metadata is invalid. It contains characters that are not permitted."},
    Row{"InvalidQueryParameterValue", 400,
        "Value for one of the query parameters specified in the request URI is invalid."},
    Row{"InvalidRange", 416,
        "The range specified is invalid for the current size of the resource."},
    Row{"InvalidResourceName", 400, "The specified resource name contains invalid characters."},
    Row{"InvalidUri", 400, "The requested URI does not represent any resource on the server."},
    Row{"InvalidXmlDocument", 400, "XML specified is not syntactically valid."},
    Row{"Md5Mismatch", 400,
        "The MD5 value specified in the request did not match with the MD5 value calculated by the "
        "server."},
    Row{"MetadataTooLarge", 400,
        "The size of the specified metadata exceeds the maximum size permitted."},
    Row{"MissingContentLengthHeader", 411, "The Content-Length header was not specified."},
    Row{"MissingRequiredHeader", 400,
        "An HTTP header that's mandatory for this request is not specified."},
    Row{"MissingRequiredQueryParameter", 400,
        "A query parameter that's mandatory for this request is not specified."},
    Row{"MultipleConditionHeadersNotSupported", 400,
        "Multiple condition headers are not supported."},
    Row{"NoAuthenticationInformation", 401,
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header."},
    Row{"OperationTimedOut", 500,
        "The operation could not be completed within the permitted time."},
    Row{"OutOfRangeInput", 400, "One of the request inputs is out of range."},
    Row{"RequestBodyTooLarge", 413,
        "The request body is too large and exceeds the maximum permissible limit."},
    Row{"ResourceNotFound", 404, "The specified resource does not exist."},
    Row{"ResourceTypeMismatch", 409, "The specified resource type does not match."},
    Row{"ServerBusy", 503, "The server is busy."},
    Row{"UnsupportedHeader", 400,
        "One of the HTTP headers specified in the request is not supported."},
    Row{"UnsupportedQueryParameter", 400,
        "One of the query parameters specified in the request URI is not supported."},
    // https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
    Row{"BlobAlreadyExists", 409, "The specified blob already exists."},
    Row{"BlobNotFound", 404, "The specified blob does not exist."},
    Row{"BlockCountExceedsLimit", 409,
        "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."},
    Row{"BlockListTooLong", 400, "The block list may not contain more than 50,000 blocks."},
    Row{"CannotVerifyCopySource", 404, "Could not verify the copy source."},
    Row{"ContainerNotFound", 404, "The specified container does not exist."},
    Row{"Crc64Mismatch", 400,
        "The CRC64 value specified in the request did not match with the CRC64 value calculated by "
        "the server."},
    Row{"DirectoryIsNotEmpty", 409, "This operation is not permitted on a non-empty directory."},
    Row{"ExceedsMaxBatchRequestCount", 400,
        "The batch operation exceeds maximum number of allowed subrequests."},
    Row{"FeatureNotSupported", 500, "The feature is not supported."},
    Row{"InvalidBlobOrBlock", 400, "The specified blob or block content is invalid."},
    Row{"InvalidBlockId", 400,
        "The specified block ID is invalid. The block ID must be "
        "Base64-encoded."},
    Row{"InvalidBlockList", 400, "The specified block list is invalid."},
    Row{"LeaseIdMismatchWithBlobOperation", 412,
        "The lease ID specified did not match the lease ID for the blob."},
    Row{"LeaseIdMissing", 412,
        "There is currently a lease on the blob and no lease ID was specified in the request."},
    Row{"LeaseNotPresentWithBlobOperation", 412, "There is currently no lease on the blob."},
    Row{"NoPendingCopyOperation", 409, "There is currently no pending copy operation."},
    Row{"PendingCopyOperation", 409, "There is currently a pending copy operation."},
    Row{"SnapshotsPresent", 409, "This operation is not permitted while the blob has snapshots."},
    Row{"SourceConditionNotMet", 412,
        "The source condition specified using HTTP conditional header(s) is not met."},
    Row{"UnsatisfiableCondition", 400,
        "The request includes an unsatisfiable condition for this operation."},
    // https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create
    Row{"ContentLengthMustBeZero", 400, "The Content-Length request header must be zero."},
    Row{"DirectoryNotEmpty", 409,
        "The recursive query parameter value must be true to delete a non-empty directory."},
    Row{"FilesystemNotFound", 404, "The specified filesystem does not exist."},
    Row{"HierarchicalNamespaceNotEnabled", 400,
        "This operation is only supported on a hierarchical namespace account."},
    Row{"InvalidFlushPosition", 400,
        "The uploaded data is not contiguous or the position query parameter value is not equal to "
        "the length of the file after appending the uploaded data."},
    Row{"InvalidPropertyName", 400, "The property name contains invalid characters."},
    Row{"InvalidRenameSourcePath", 409,
        "The source directory cannot be the same as the destination directory, nor can the "
        "destination be a subdirectory of the source directory."},
    Row{"InvalidSourceOrDestinationResourceType", 409,
        "The source and destination resource type must be identical."},
    Row{"InvalidSourceUri", 400, "The source URI is invalid."},
    Row{"PathAlreadyExists", 409, "The specified path already exists."},
    Row{"PathConflict", 409,
        "The specified path, or an element of the path, exists and its resource type is invalid "
        "for this operation."},
    Row{"PathNotFound", 404, "The specified path does not exist."},
    Row{"RenameDestinationParentPathNotFound", 404,
        "The parent directory of the destination path does not exist."},
    Row{"SourcePathNotFound", 404, "The source path for a rename operation does not exist."},
};

/// dfs names some of the same things differently.
std::string_view dfs_name(std::string_view code) {
  if (code == "BlobNotFound") return "PathNotFound";
  if (code == "BlobAlreadyExists") return "PathAlreadyExists";
  if (code == "ContainerNotFound") return "FilesystemNotFound";
  return code;
}

const Row& row_of(std::string_view code) {
  const auto* const row = std::ranges::find(kRows, code, &Row::code);
  if (row == kRows.end()) throw std::logic_error("an error code without a row");
  return *row;
}

}  // namespace

Refusal::Refusal(std::string name, std::string more)
    : code(std::move(name)), detail(std::move(more)) {
  const Row& row = row_of(code);
  status = row.status;
  message = row.message;
}

Reply to_reply(const Refusal& refusal, Endpoint endpoint, const std::string& request_id) {
  Reply reply{.status = refusal.status, .headers = refusal.headers};
  const bool dfs = endpoint == Endpoint::dfs;
  const std::string code(dfs ? dfs_name(refusal.code) : refusal.code);
  const std::string message =
      code == refusal.code ? refusal.message : std::string(row_of(code).message);
  reply.set("x-ms-error-code", code);
  if (refusal.status == 304) return reply;  // has no body (RFC 9110 15.4.5)
  if (dfs) {
    reply.set("Content-Type", "application/json;charset=utf-8");
    reply.body = R"({"error":{"code":")" + code + R"(","message":")" + message +
                 "\\nRequestId:" + request_id + R"("}})";
    return reply;
  }
  reply.set("Content-Type", "application/xml");
  reply.body = "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code +
               "</Code><Message>" + message + "\nRequestId:" + request_id + "</Message>";
  if (!refusal.detail.empty()) {
    reply.body +=
        "<AuthenticationErrorDetail>" + escape_xml(refusal.detail) + "</AuthenticationErrorDetail>";
  }
  reply.body += "</Error>";
  return reply;
}

}  // namespace cairn::test::sim::azure

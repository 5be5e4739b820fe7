#include "daemon/vm/libvirt_error.h"

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

absl::StatusCode CodeOf(const virError& error) {
  switch (error.code) {
    case VIR_ERR_NO_DOMAIN:
      return absl::StatusCode::kNotFound;
    case VIR_ERR_DOM_EXIST:
      return absl::StatusCode::kAlreadyExists;
    case VIR_ERR_OPERATION_INVALID:
    case VIR_ERR_RESOURCE_BUSY:
      return absl::StatusCode::kFailedPrecondition;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
      return absl::StatusCode::kUnimplemented;
    case VIR_ERR_INVALID_ARG:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_XML_ERROR:
    case VIR_ERR_XML_DETAIL:
    case VIR_ERR_XML_INVALID_SCHEMA:
      return absl::StatusCode::kInvalidArgument;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
    case VIR_ERR_AGENT_UNRESPONSIVE:
    case VIR_ERR_AGENT_UNSYNCED:
      return absl::StatusCode::kUnavailable;
    case VIR_ERR_OPERATION_TIMEOUT:
      return absl::StatusCode::kDeadlineExceeded;
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
      return absl::StatusCode::kPermissionDenied;
    case VIR_ERR_NO_MEMORY:
      return absl::StatusCode::kResourceExhausted;
    case VIR_ERR_SYSTEM_ERROR:
      // From the transport: no socket, connection refused, broken pipe.
      if (error.domain == VIR_FROM_RPC || error.domain == VIR_FROM_REMOTE) {
        return absl::StatusCode::kUnavailable;
      }
      return absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status LibvirtStatus(absl::string_view doing, const virError* error) {
  if (error == nullptr) {
    return absl::InternalError(absl::StrCat("cannot ", doing, ": libvirt gave no reason"));
  }
  const absl::string_view message = error->message == nullptr ? "no message" : error->message;
  return absl::Status(CodeOf(*error), absl::StrCat("cannot ", doing, ": ", message));
}

absl::Status LastLibvirtStatus(absl::string_view doing) {
  return LibvirtStatus(doing, virGetLastError());
}

}  // namespace grayling

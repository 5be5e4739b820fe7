#include "daemon/vm/libvirt_error.h"

#include <gtest/gtest.h>

#include <string>

namespace grayling {
namespace {

absl::Status StatusFor(int code, int domain = VIR_FROM_QEMU) {
  std::string message = "the reason";
  virError error{};
  error.code = code;
  error.domain = domain;
  error.message = message.data();
  return LibvirtStatus("start domain lab", &error);
}

TEST(LibvirtError, TheSentenceSaysWhatWasTriedAndWhy) {
  EXPECT_EQ(StatusFor(VIR_ERR_NO_DOMAIN).message(), "cannot start domain lab: the reason");
}

TEST(LibvirtError, CodesBecomeTheCodesThatCallersBranchOn) {
  EXPECT_EQ(StatusFor(VIR_ERR_NO_DOMAIN).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusFor(VIR_ERR_OPERATION_INVALID).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusFor(VIR_ERR_NO_SUPPORT).code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(StatusFor(VIR_ERR_XML_ERROR).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusFor(VIR_ERR_AGENT_UNRESPONSIVE).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusFor(VIR_ERR_AUTH_FAILED).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(StatusFor(VIR_ERR_INTERNAL_ERROR).code(), absl::StatusCode::kInternal);
}

TEST(LibvirtError, ASystemErrorOfTheTransportMeansThatTheDaemonCannotBeReached) {
  EXPECT_EQ(StatusFor(VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusFor(VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU).code(), absl::StatusCode::kInternal);
}

TEST(LibvirtError, ALostErrorIsStillAnError) {
  EXPECT_EQ(LibvirtStatus("list domains", nullptr).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace grayling

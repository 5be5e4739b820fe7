#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>

namespace grayling {

// Values as table cells. What is unset is the empty string.
std::string Cell(const google::protobuf::Timestamp& time);     // 2026-03-01T10:15:00.250Z
std::string Cell(const google::protobuf::Duration& duration);  // 1m30s
std::string Cell(double value);                                // six significant digits
std::string ExactCell(double value);                           // every digit that counts
std::string Cell(bool value);                                  // yes, no

}  // namespace grayling

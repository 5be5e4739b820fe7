#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Early return on a non-OK status. The only macros of this project.
#define GRAYLING_RETURN_IF_ERROR(expression)           \
  do {                                                 \
    absl::Status grayling_status = (expression);       \
    if (!grayling_status.ok()) return grayling_status; \
  } while (false)

#define GRAYLING_CONCAT_INNER(a, b) a##b
#define GRAYLING_CONCAT(a, b) GRAYLING_CONCAT_INNER(a, b)
#define GRAYLING_ASSIGN_OR_RETURN(lhs, expression) \
  GRAYLING_ASSIGN_OR_RETURN_IMPL(GRAYLING_CONCAT(grayling_statusor_, __LINE__), lhs, expression)
#define GRAYLING_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expression) \
  auto tmp = (expression);                                   \
  if (!tmp.ok()) return tmp.status();                        \
  lhs = std::move(tmp).value()

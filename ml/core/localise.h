#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/dataset.h"
#include "ml/core/detector.h"
#include "ml/core/localise_rows.h"

namespace grayling {

// One column that speaks against a service.
struct ColumnMove {
  size_t column = 0;  // index into Dataset::columns
  float before = 0;   // medians, in the column's unit
  float during = 0;
  double evidence = 0;
};

// What one family of signals ("cpu", "latency", "callers' view" ..) says against a service.
struct FamilyEvidence {
  std::string family;
  double evidence = 0;
};

struct RankedService {
  std::string service;
  double score = 0;  // root of the sum of squares of the families' evidence; 0: nothing found
  std::vector<FamilyEvidence> families;  // largest first, none that is 0
  std::vector<ColumnMove> moves;         // largest first, none that is 0
};

struct Localisation {
  std::vector<RankedService> ranking;  // every service once, most suspicious first
  size_t reference_rows = 0;           // 0: nothing to compare with, every score is 0
  size_t fault_rows = 0;
};

// Ranks the services of `dataset` by how likely each is the cause of the trouble that began in
// `run` at `start`. Evidence is in log units of a column's usual movement (localise_deviation.h):
//  * the callers' view: the mean over a service's callers of how much their calls to it slowed down
//    or failed. What clients see is the evidence for gray failures (differential observability);
//    its own metrics may look healthy;
//  * each family of the service's own metrics, columns of one family by their power mean (p = 4),
//  so
//    that ten columns that say the same count as one and a single loud one is still heard;
//  * a service that is slow or failing because a service it calls is, is a victim: the movement of
//    the calls it makes (or, where calls are not measured, of the same family at its callees) is
//    taken off its own latency and errors. Where no metric's name says latency or errors, half of
//    it is taken off every family;
//  * x counts as x * x^2 / sum of x^2 over the services: what moves everywhere, as load does, says
//    little about one. A family that fewer than three services have gets quiet peers of 0.5.
// `detector_scores` (optional) are a detector's mean scores per service over the fault's rows, in
// 0..1; -log(1 - score) is one more family.
// Deterministic; equal scores stay in order of first sight. Uses neither the label, the service nor
// the metrics of a window, and nothing after the fault's rows.
// INVALID_ARGUMENT when the data set names no service, or the run does not have its columns;
// OUT_OF_RANGE when no row lies at or after `start`, or a gap hides all of the fault.
absl::StatusOr<Localisation> Localise(const Dataset& dataset, const Run& run, double start,
                                      const LocaliseSettings& settings = {},
                                      absl::Span<const ServiceScore> detector_scores = {});

}  // namespace grayling

#pragma once

#include "client/cli/output/table.h"
#include "grayling/v1/calibration.pb.h"
#include "grayling/v1/campaign.pb.h"
#include "grayling/v1/detector.pb.h"
#include "grayling/v1/fault.pb.h"
#include "grayling/v1/load.pb.h"
#include "grayling/v1/metric.pb.h"
#include "grayling/v1/model.pb.h"
#include "grayling/v1/operation.pb.h"
#include "grayling/v1/target.pb.h"
#include "grayling/v1/vm.pb.h"

namespace grayling {

// Each answer of the daemon as a table: one row per resource, the columns that people compare.
Table TableOf(const v1::Vm& vm);
Table TableOf(const v1::ListVmsResponse& list);
Table TableOf(const v1::ListServicesResponse& list);
Table TableOf(const v1::Operation& operation);

Table TableOf(const v1::Fault& fault);
Table TableOf(const v1::ListFaultsResponse& list);
// One row per parameter of a kind.
Table TableOf(const v1::ListFaultKindsResponse& list);
Table TableOf(const v1::RevertAllFaultsResponse& response);
// One row per intensity looked at, under the answer in sentences.
Table TableOf(const v1::Calibration& calibration);
Table TableOf(const v1::ListCalibrationsResponse& list);

// One row per fault window, under a summary of the campaign.
Table TableOf(const v1::Campaign& campaign);
// One row per planned window, under the duration, the traffic and a table of the classes.
Table TableOf(const v1::PlanCampaignResponse& plan);
Table TableOf(const v1::ListCampaignsResponse& list);
Table TableOf(const v1::ListCampaignEventsResponse& list);

Table TableOf(const v1::ScrapeTarget& target);
Table TableOf(const v1::ListScrapeTargetsResponse& list);
// One row per point, or per sample of each series.
Table TableOf(const v1::QueryRangeResponse& response);
Table TableOf(const v1::ListSeriesResponse& list);
Table TableOf(const v1::ListMetricCatalogueResponse& list);
Table TableOf(const v1::Pin& pin);
Table TableOf(const v1::ListPinsResponse& list);
Table TableOf(const v1::Load& load);
Table TableOf(const v1::CalibrateLoadResponse& point);

Table TableOf(const v1::Model& model);
Table TableOf(const v1::ListModelsResponse& list);
// One row per property of a model, with its provenance and metrics.
Table DetailsOf(const v1::Model& model);
Table TableOf(const v1::ListAlarmsResponse& list);
Table TableOf(const v1::WatchScoresResponse& row);

// "running" for CAMPAIGN_STATE_RUNNING.
std::string StateName(v1::CampaignState state);

}  // namespace grayling

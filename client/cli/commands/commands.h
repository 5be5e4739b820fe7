#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/session.h"

namespace grayling {

// Adds the whole command tree to `app`. Parsing fills `invocation`, which must outlive the parser.
void AddAllCommands(CLI::App& app, Invocation& invocation);

// One command each, in a file of its own, under its group.
void AddVmDefine(CLI::App& group, Invocation& invocation);
void AddVmStart(CLI::App& group, Invocation& invocation);
void AddVmStop(CLI::App& group, Invocation& invocation);
void AddVmList(CLI::App& group, Invocation& invocation);
void AddVmGet(CLI::App& group, Invocation& invocation);
void AddVmDelete(CLI::App& group, Invocation& invocation);
void AddVmExec(CLI::App& group, Invocation& invocation);

void AddServiceList(CLI::App& group, Invocation& invocation);

void AddFaultKinds(CLI::App& group, Invocation& invocation);
void AddFaultInject(CLI::App& group, Invocation& invocation);
void AddFaultRevert(CLI::App& group, Invocation& invocation);
void AddFaultList(CLI::App& group, Invocation& invocation);
void AddFaultGet(CLI::App& group, Invocation& invocation);
void AddFaultCalibrate(CLI::App& group, Invocation& invocation);
void AddFaultCalibrations(CLI::App& group, Invocation& invocation);

void AddCampaignPlan(CLI::App& group, Invocation& invocation);
void AddCampaignRun(CLI::App& group, Invocation& invocation);
void AddCampaignGet(CLI::App& group, Invocation& invocation);
void AddCampaignList(CLI::App& group, Invocation& invocation);
void AddCampaignAbort(CLI::App& group, Invocation& invocation);
void AddCampaignPause(CLI::App& group, Invocation& invocation);
void AddCampaignResume(CLI::App& group, Invocation& invocation);
void AddCampaignEvents(CLI::App& group, Invocation& invocation);

void AddMetricTargetAdd(CLI::App& group, Invocation& invocation);
void AddMetricTargetList(CLI::App& group, Invocation& invocation);
void AddMetricTargetRemove(CLI::App& group, Invocation& invocation);
void AddMetricIngest(CLI::App& group, Invocation& invocation);
void AddMetricPinAdd(CLI::App& group, Invocation& invocation);
void AddMetricPinList(CLI::App& group, Invocation& invocation);
void AddMetricPinRemove(CLI::App& group, Invocation& invocation);
void AddMetricQuery(CLI::App& group, Invocation& invocation);
void AddMetricSeries(CLI::App& group, Invocation& invocation);
void AddMetricCatalogue(CLI::App& group, Invocation& invocation);

void AddLoadStart(CLI::App& group, Invocation& invocation);
void AddLoadStop(CLI::App& group, Invocation& invocation);
void AddLoadStatus(CLI::App& group, Invocation& invocation);
void AddLoadWatch(CLI::App& group, Invocation& invocation);
void AddLoadCalibrate(CLI::App& group, Invocation& invocation);

void AddModelUpload(CLI::App& group, Invocation& invocation);
void AddModelList(CLI::App& group, Invocation& invocation);
void AddModelGet(CLI::App& group, Invocation& invocation);
void AddModelActivate(CLI::App& group, Invocation& invocation);
void AddModelRollback(CLI::App& group, Invocation& invocation);

void AddDetectWatch(CLI::App& group, Invocation& invocation);
void AddDetectAlarms(CLI::App& group, Invocation& invocation);
void AddDetectWaitAlarm(CLI::App& group, Invocation& invocation);

void AddOperationWait(CLI::App& group, Invocation& invocation);

}  // namespace grayling

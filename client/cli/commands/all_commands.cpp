#include "client/cli/commands/commands.h"

namespace grayling {
namespace {

using Adder = void (*)(CLI::App&, Invocation&);

CLI::App* AddGroup(CLI::App& parent, Invocation& invocation, const char* name,
                   const char* description, std::initializer_list<Adder> commands) {
  CLI::App* group = parent.add_subcommand(name, description);
  group->require_subcommand(1);
  for (const Adder add : commands) add(*group, invocation);
  return group;
}

}  // namespace

void AddAllCommands(CLI::App& app, Invocation& invocation) {
  AddGroup(app, invocation, "vm", "The virtual machines that run the application",
           {AddVmDefine, AddVmStart, AddVmStop, AddVmList, AddVmGet, AddVmDelete, AddVmExec});
  AddGroup(app, invocation, "service", "The application's services in a VM", {AddServiceList});
  AddGroup(app, invocation, "fault", "Faults by hand",
           {AddFaultKinds, AddFaultInject, AddFaultRevert, AddFaultList, AddFaultGet,
            AddFaultCalibrate, AddFaultCalibrations});
  AddGroup(app, invocation, "campaign", "Plans of load and faults, executed and recorded",
           {AddCampaignPlan, AddCampaignRun, AddCampaignGet, AddCampaignList, AddCampaignAbort,
            AddCampaignPause, AddCampaignResume, AddCampaignEvents});
  CLI::App* metric =
      AddGroup(app, invocation, "metric", "What is scraped and recorded",
               {AddMetricQuery, AddMetricSeries, AddMetricCatalogue, AddMetricIngest});
  AddGroup(*metric, invocation, "target", "What is scraped",
           {AddMetricTargetAdd, AddMetricTargetList, AddMetricTargetRemove});
  AddGroup(*metric, invocation, "pin", "What outlives the daemon's --retention",
           {AddMetricPinAdd, AddMetricPinList, AddMetricPinRemove});
  AddGroup(app, invocation, "load", "Load by hand",
           {AddLoadStart, AddLoadStop, AddLoadStatus, AddLoadWatch, AddLoadCalibrate});
  AddGroup(app, invocation, "model", "Trained detectors",
           {AddModelUpload, AddModelList, AddModelGet, AddModelActivate, AddModelRollback});
  AddGroup(app, invocation, "detect", "Live detection",
           {AddDetectWatch, AddDetectAlarms, AddDetectWaitAlarm});
  AddGroup(app, invocation, "operation", "Long-running operations", {AddOperationWait});
}

}  // namespace grayling

#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace grayling {

// The whole program but for the process around it: parses `arguments` (without the program's name),
// runs the command, writes answers to `out` and everything else to `err`. Returns the exit status:
// 0 done, 1 error (one sentence on `err`), 2 the command line makes no sense.
int RunCommandLine(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
                   bool err_is_terminal);

}  // namespace grayling

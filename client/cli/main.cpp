#include <unistd.h>

#include <iostream>

#include "client/cli/cli.h"

int main(int argc, char** argv) {
  return grayling::RunCommandLine({argv + 1, argv + argc}, std::cout, std::cerr,
                                  isatty(STDERR_FILENO) != 0);
}

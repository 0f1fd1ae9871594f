// Switches planted faults on: the environment variable MUTANT names one fault. tools/mutants puts this text before each file in which
// it plants faults.
#ifndef HUBBUB_MUTANT
#define HUBBUB_MUTANT

#include <cstdlib>
#include <cstring>
#include <type_traits>

inline bool mutant_in_environment(const char* name) {
  static const char* const chosen = std::getenv("MUTANT");
  return chosen && std::strcmp(chosen, name) == 0;
}

// No fault is switched on in a constant expression.
constexpr bool mutant_is(const char* name) { return !std::is_constant_evaluated() && mutant_in_environment(name); }

#endif

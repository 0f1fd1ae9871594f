// Whether the fault of this name is switched on. Stands before each file that tools/mutants plants faults in: MUTANT names the
// one, in the environment.
#ifndef HUBBUB_MUTANT
#define HUBBUB_MUTANT

#include <cstdlib>
#include <cstring>
#include <type_traits>

inline bool mutant_in_environment(const char* name) {
  static const char* const chosen = std::getenv("MUTANT");
  return chosen && std::strcmp(chosen, name) == 0;
}

// In a constant expression none is.
constexpr bool mutant_is(const char* name) { return !std::is_constant_evaluated() && mutant_in_environment(name); }

#endif

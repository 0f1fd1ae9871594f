// Switches made faults on: the environment variable MUTANT has the number of one fault. If MUTANT_REACHED names a file, its byte of a
// fault's number becomes 1 when the code reaches this fault. tools/mutants-made puts this text before each file in which it plants
// faults.
#ifndef HUBBUB_NUMBERED_MUTANTS
#define HUBBUB_NUMBERED_MUTANTS

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <type_traits>
#include <utility>

struct MutantSwitches {
  int chosen = -1;
  unsigned char* reached = nullptr;
  long numbers = 0;

  MutantSwitches() {
    if (const char* number = std::getenv("MUTANT")) chosen = std::atoi(number);
    const char* path = std::getenv("MUTANT_REACHED");
    const int file = path ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
    struct stat status{};
    if (file >= 0 && ::fstat(file, &status) == 0) {
      void* const bytes = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (bytes != MAP_FAILED) reached = static_cast<unsigned char*>(bytes), numbers = status.st_size;
    }
    if (file >= 0) ::close(file);
  }
};

inline bool mutant_in_environment(int number) {
  static const MutantSwitches switches;
  if (number < switches.numbers) switches.reached[number] = 1;
  return number == switches.chosen;
}

// No fault is switched on in a constant expression.
constexpr bool mutant_number(int number) { return !std::is_constant_evaluated() && mutant_in_environment(number); }

// a < b becomes a < mutant_relation::less{number} < b.
namespace mutant_relation {
#define MUTANT_RELATION(name, is, becomes)                                                                   \
  struct name {                                                                                              \
    int number;                                                                                              \
  };                                                                                                         \
  template <class Left>                                                                                      \
  struct name##_left {                                                                                       \
    Left&& left;                                                                                             \
    int number;                                                                                              \
  };                                                                                                         \
  template <class Left>                                                                                      \
  constexpr name##_left<Left> operator is(Left&& left, name relation) {                                      \
    return {std::forward<Left>(left), relation.number};                                                      \
  }                                                                                                          \
  template <class Left, class Right>                                                                         \
  constexpr bool operator is(name##_left<Left> left, Right&& right) {                                        \
    return mutant_number(left.number) ? left.left becomes right : left.left is right;                        \
  }
MUTANT_RELATION(less, <, <=)
MUTANT_RELATION(less_or_equal, <=, <)
MUTANT_RELATION(greater, >, >=)
MUTANT_RELATION(greater_or_equal, >=, >)
MUTANT_RELATION(equal, ==, !=)
MUTANT_RELATION(not_equal, !=, ==)
#undef MUTANT_RELATION
}  // namespace mutant_relation

#endif

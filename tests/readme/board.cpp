// The declaration of types that plugins/README.md shows, behind a class that it leaves out.
#include <hubbub/plugin.hpp>

class Board final : public hubbub::Plugin {};

#include "plugins_README_md_2.inc"

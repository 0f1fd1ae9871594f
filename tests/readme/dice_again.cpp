// The same as plugins/README.md shows it.
#include "plugins_README_md_1.inc"

// The plugin that README.md shows.
#include "README_md_1.inc"

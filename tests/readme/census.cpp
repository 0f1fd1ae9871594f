// The service of plugins/README.md, as it stands there.
#include "plugins_README_md_5.inc"

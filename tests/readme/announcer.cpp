// The service of plugins/README.md that has routes and speaks in rooms, as it stands there.
#include "plugins_README_md_6.inc"
